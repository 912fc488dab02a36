// SPDX-License-Identifier: Apache-2.0
#include "owner/keys/keyset_policy.h"

#include <string>

#include "base/status.h"
#include "common/text.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::keyset_policy_test {

using core::Status;
using owner::Digest;
using owner::Firmware;
using owner::KeysetPolicy;
using owner::parse_keysets;
using test::failure_of;

namespace {

// As the guide has it, mixed spelling and all.
constexpr const char* kGuide = R"({
   "KEYSET-1":{
      "allowed_digests":[
         "a11cc9f32b3e64a0846b5eadf773e5e4ee7b4187d984b7a72a3b4fc99e34374c",
         "dcf332c8abb68cc534d7f1e523ffe9e072308e0d92dc98e3884b313caaea379b"
      ],
      "allowed_keys":[
         "key_id1"
      ],
      "allowed-policies":[
         0
      ],
      "min-api-major":0,
      "min-api-minor":0,
      "allowed-build-ids":[
         13
      ]
   }
})";

KeysetPolicy policy_of(const std::string& members) {
  return parse_keysets("{\"S\":{" + members + "}}", "F").at("S");
}

std::string malformed(const std::string& text) {
  const auto failure = failure_of([&] { static_cast<void>(parse_keysets(text, "F")); });
  CHECK(failure.status == Status::keyset);
  return failure.text.substr(failure.text.rfind(": ") + 2);
}

std::string malformed_member(const std::string& members) {
  return malformed("{\"S\":{" + members + "}}");
}

KeysetPolicy guides_keyset() {
  KeysetPolicy keyset;
  keyset.allowed_digests = {Digest{1}, Digest{2}};
  keyset.allowed_policies = {0, 5};
  keyset.min_api_major = 1;
  keyset.min_api_minor = 22;
  keyset.allowed_build_ids = {13, 15};
  return keyset;
}

std::string policy_refusal(const KeysetPolicy& keyset, std::uint32_t policy) {
  return test::refusal_of([&] { owner::check_policy(keyset, "K", policy); });
}

std::string firmware_refusal(const KeysetPolicy& keyset, const Firmware& firmware) {
  return test::refusal_of([&] { owner::check_firmware(keyset, "K", firmware); });
}

std::string digest_refusal(const KeysetPolicy& keyset, const Digest& digest) {
  return test::refusal_of([&] { owner::check_digest(keyset, "K", digest); });
}

}  // namespace

TEST_CASE("the guide's keysets.json is read as it stands") {
  const KeysetPolicy policy = parse_keysets(kGuide, "F").at("KEYSET-1");
  REQUIRE(policy.allowed_digests.value().size() == 2);
  CHECK(tools::to_hex(policy.allowed_digests->at(1)) ==
        "dcf332c8abb68cc534d7f1e523ffe9e072308e0d92dc98e3884b313caaea379b");
  CHECK(policy.allowed_keys == std::vector<std::string>{"key_id1"});
  CHECK(policy.allowed_policies == std::vector<std::uint32_t>{0});
  CHECK(policy.min_api_major == 0);
  CHECK(policy.min_api_minor == 0);
  CHECK(policy.allowed_build_ids == std::vector<std::uint8_t>{13});
}

TEST_CASE("each member is read in both spellings") {
  for (const char* c : {"_", "-"}) {
    std::string members = R"("allowed~digests":[],"allowed~keys":[],"allowed~policies":[4294967295],
                             "min~api~major":255,"min~api~minor":1,"allowed~build~ids":[255,0])";
    for (char& character : members) {
      if (character == '~') character = *c;
    }
    const KeysetPolicy policy = policy_of(members);
    CHECK(policy.allowed_digests.value().empty());
    CHECK(policy.allowed_keys.value().empty());
    CHECK(policy.allowed_policies.value().front() == 0xffffffff);
    CHECK(policy.min_api_major == 255);
    CHECK(policy.min_api_minor == 1);
    CHECK(policy.allowed_build_ids.value().size() == 2);
  }
}

TEST_CASE("what a policy leaves out is absent, not empty") {
  const KeysetPolicy policy = policy_of("");
  CHECK_FALSE(policy.allowed_digests);
  CHECK_FALSE(policy.allowed_keys);
  CHECK_FALSE(policy.allowed_policies);
  CHECK_FALSE(policy.min_api_major);
  CHECK_FALSE(policy.min_api_minor);
  CHECK_FALSE(policy.allowed_build_ids);
}

TEST_CASE("a digest may be base64, as the digest command prints it") {
  const KeysetPolicy policy =
      policy_of(R"("allowed_digests":["la3LUkRve4XrOgWWkjGfuEjtPcC0Lot4pROXNkX5DV4="])");
  CHECK(tools::to_hex(policy.allowed_digests.value().front()) ==
        "95adcb52446f7b85eb3a059692319fb848ed3dc0b42e8b78a513973645f90d5e");
}

TEST_CASE("what does not fit its member is refused") {
  const char* byte = "a number from 0 to 255 is needed";
  const char* word = "a number from 0 to 4294967295 is needed";
  for (const char* value :
       {"256", "-1", "1.0", "1e1", "\"1\"", "null", "[1]", "99999999999999999999"}) {
    INFO(value);
    CHECK(malformed_member("\"min-api-major\":" + std::string(value)) == byte);
    CHECK(malformed_member("\"allowed-build-ids\":[0," + std::string(value) + "]") == byte);
  }
  CHECK(malformed_member("\"allowed-policies\":[4294967296]") == word);
  CHECK(malformed_member("\"allowed-policies\":[-1]") == word);
  CHECK(malformed_member("\"allowed-policies\":1") == "an array is needed");
  CHECK(malformed_member("\"allowed_keys\":[1]") == "a string is needed");
}

TEST_CASE("a digest that is none is refused, also the 16 bytes of an old example") {
  CHECK(malformed_member(R"("allowed_digests":["66320db73158a35a255d051758e95ed4"])") ==
        "a digest has not 32 bytes");
  CHECK(malformed_member(R"("allowed_digests":[""])") == "a digest has not 32 bytes");
  CHECK(malformed_member(R"("allowed_digests":["MARKER!"])") ==
        "a digest is neither hexadecimal nor base64");
}

TEST_CASE("a member in both spellings, or twice, is refused") {
  const char* twice = "a member is there twice, be it spelled with _ or -";
  CHECK(malformed_member(R"("allowed_keys":[],"allowed-keys":[])") == twice);
  CHECK(malformed_member(R"("min-api-major":0,"min-api-major":0)") == twice);
  CHECK(malformed(R"({"S":{},"S":{}})") == "a keyset is there twice");
}

TEST_CASE("a member that is spelled wrong is refused, since it would not be enforced") {
  CHECK(malformed_member("\"other\":[]") ==
        "unknown member other; what is spelled wrong would not be enforced");
  CHECK(
      malformed_member("\"allowed_digest\":[]") ==
      "unknown member allowed_digest; did you mean allowed_digests? What is spelled wrong would not be enforced");
  CHECK_THAT(malformed_member("\"allowed-policy\":[0]"),
             Catch::ContainsSubstring("did you mean allowed_policies?"));
}

TEST_CASE("what is wrong is told with its line, its column and its keyset") {
  const auto text_of = [](const std::string& text) {
    return failure_of([&] { static_cast<void>(parse_keysets(text, "keysets.json")); }).text;
  };
  CHECK_THAT(text_of("{\n  \"A\": {},\n  \"B\": {\"allowed_digest\": []}\n}"),
             Catch::StartsWith("keysets.json, line 3, column 9, keyset B: unknown member"));
  CHECK(text_of("{\"A\": {\"allowed_keys\": [1]}}") ==
        "keysets.json, line 1, column 25, keyset A: a string is needed");
  CHECK(text_of("{\"A\": {},\n}") == "keysets.json, line 2, column 1: a string is needed");
  CHECK_THAT(text_of("{\"A\\n\": {\"min-api-major\": 256}}"),
             Catch::StartsWith("keysets.json, line 1, column 27, keyset A\\x0a: a number"));
}

TEST_CASE("the whole file has to be right, other keysets too") {
  malformed("");
  malformed("[]");
  malformed("{} x");
  malformed(R"({"S":[]})");
  malformed(R"({"S":{},"T":{"min-api-major":256}})");
}

TEST_CASE("a keyset that is not there is unknown") {
  const test::TempFolder folder;
  const std::string file = folder.write("f", kGuide);
  const auto ask = [&](const std::string& id) {
    return failure_of([&] { static_cast<void>(owner::read_keysets_file(file, id)); });
  };
  CHECK(ask("other").status == Status::unknown_key);
  CHECK(ask("other").text == file + " has no such keyset as other among its 1");
  CHECK(ask("KEYSET1").text ==
        file + " has no such keyset as KEYSET1 among its 1; did you mean KEYSET-1?");
}

TEST_CASE("a keysets file is read from its path") {
  const test::TempFolder folder;
  CHECK(owner::read_keysets_file(folder.write("f", kGuide), "KEYSET-1").allowed_keys);
  CHECK(test::status_of([&] {
          static_cast<void>(owner::read_keysets_file(folder.path("none"), "S"));
        }) == Status::io);
}

TEST_CASE("a folder's keysets are those of its files") {
  const test::TempFolder folder;
  folder.write("sets/b.json", R"({"B": {"allowed_keys": ["b"]}})");
  folder.write("sets/a.json", R"({"A": {}, "A2": {}})");
  folder.write("sets/.c.json", "of an editor");
  folder.write("sets/d.json~", "of an editor");
  const std::string sets = folder.path("sets");
  CHECK(owner::keysets_files(sets) == std::vector<std::string>{sets + "/a.json", sets + "/b.json"});
  CHECK(owner::keysets_files(sets + "/a.json") == std::vector<std::string>{sets + "/a.json"});
  const auto keysets = owner::read_keysets_file(sets);
  CHECK(keysets.size() == 3);
  CHECK(keysets.find("B")->second.allowed_keys == std::vector<std::string>{"b"});
  CHECK(owner::read_keysets_file(sets, "A").allowed_keys == std::nullopt);
  CHECK(owner::read_keysets_file(folder.path()).empty());
}

TEST_CASE("a keyset that is in two files is refused with both names") {
  const test::TempFolder folder;
  folder.write("sets/1.json", R"({"A": {}})");
  folder.write("sets/2.json", R"({"B": {}, "C": {}})");
  folder.write("sets/3.json", R"({"D": {}, "C": {}})");
  const std::string sets = folder.path("sets");
  const auto failure = failure_of([&] { static_cast<void>(owner::read_keysets_file(sets)); });
  CHECK(failure.status == Status::keyset);
  CHECK(failure.text == "keyset C is in " + sets + "/2.json and in " + sets + "/3.json");
}

TEST_CASE("a keysets file has an end") {
  const test::TempFolder folder;
  const std::string file = folder.write("f", std::string((std::size_t{64} << 20) + 1, ' '));
  CHECK(failure_of([&] { static_cast<void>(owner::read_keysets_file(file)); }).text ==
        file + " has more than 67108864 bytes");
}

TEST_CASE("each condition of a keyset has a refusal of its own") {
  const KeysetPolicy keyset = guides_keyset();
  CHECK(policy_refusal(keyset, 4) == "keyset K does not allow the policy 0x4");
  CHECK(firmware_refusal(keyset, {0, 51, 13}) ==
        "keyset K needs firmware API major version 1 or later, not 0");
  CHECK(firmware_refusal(keyset, {1, 21, 13}) ==
        "keyset K needs firmware API 1.22 or later, not 1.21");
  CHECK(firmware_refusal(keyset, {1, 22, 14}) ==
        "keyset K does not allow the firmware's build id 14");
  CHECK(digest_refusal(keyset, Digest{3}) == "keyset K does not allow this launch digest");
}

TEST_CASE("what a keyset allows passes") {
  const KeysetPolicy keyset = guides_keyset();
  CHECK(policy_refusal(keyset, 0).empty());
  CHECK(policy_refusal(keyset, 5).empty());
  CHECK(firmware_refusal(keyset, {1, 22, 13}).empty());
  CHECK(firmware_refusal(keyset, {1, 255, 15}).empty());
  CHECK(digest_refusal(keyset, Digest{1}).empty());
  CHECK(digest_refusal(keyset, Digest{2}).empty());
}

TEST_CASE("clients are allowed by their names, in which * stands for any text") {
  const auto allows = [](const std::string& patterns, const std::string& client) {
    return owner::allows_client(policy_of("\"allowed-clients\":[" + patterns + "]"), client);
  };
  CHECK(allows(R"("a", "b")", "b"));
  CHECK_FALSE(allows(R"("a", "b")", "c"));
  CHECK_FALSE(allows(R"("a")", "ab"));
  CHECK_FALSE(allows(R"("ab")", "a"));
  CHECK(allows(R"("host-*.example")", "host-7.example"));
  CHECK(allows(R"("host-*.example")", "host-.example"));
  CHECK_FALSE(allows(R"("host-*.example")", "host-7.example.org"));
  CHECK_FALSE(allows(R"("host-*.example")", "xhost-7.example"));
  CHECK(allows(R"("*a*b*")", "xaabbx"));
  CHECK_FALSE(allows(R"("*a*b*")", "xbxa"));
  CHECK(allows(R"("**")", "x"));
  CHECK_FALSE(allows("", "x"));
  CHECK_FALSE(allows(R"("*a*a*a*a*a*a*a*b")", std::string(5000, 'a')));
}

TEST_CASE("a client without a name is in no list, and in a keyset without one") {
  CHECK_FALSE(owner::allows_client(policy_of("\"allowed_clients\":[\"*\", \"\"]"), ""));
  CHECK(owner::allows_client(KeysetPolicy(), ""));
  CHECK(owner::allows_client(KeysetPolicy(), "x"));
}

TEST_CASE("the minor version counts only with the least major one") {
  CHECK(firmware_refusal(guides_keyset(), {2, 0, 13}).empty());
}

TEST_CASE("what a keyset does not have is not asked for, and an empty list allows nothing") {
  KeysetPolicy keyset;
  CHECK(policy_refusal(keyset, 0xffffffff).empty());
  CHECK(firmware_refusal(keyset, {0, 0, 0}).empty());
  CHECK(digest_refusal(keyset, Digest{}).empty());
  keyset.allowed_policies.emplace();
  keyset.allowed_build_ids.emplace();
  keyset.allowed_digests.emplace();
  CHECK_FALSE(policy_refusal(keyset, 0).empty());
  CHECK_FALSE(firmware_refusal(keyset, {0, 0, 0}).empty());
  CHECK_FALSE(digest_refusal(keyset, Digest{}).empty());
}

TEST_CASE("a digest has to be right in all its bytes") {
  KeysetPolicy keyset;
  keyset.allowed_digests = {Digest{}};
  for (std::size_t i = 0; i < Digest().size(); ++i) {
    Digest digest{};
    digest[i] = 1;
    CHECK_FALSE(digest_refusal(keyset, digest).empty());
  }
}

TEST_CASE("a keyset that lets the host read the guest's memory is warned of") {
  KeysetPolicy keyset;
  std::vector<std::string> warnings = owner::warnings(keyset, "K\n");
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("keyset K\\x0a has no allowed-policies") == 0);
  keyset.allowed_policies = {1, 0, 5, 4};
  warnings = owner::warnings(keyset, "K");
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0].find("keyset K allows the policy 0x0 (no bits set) without NODBG") == 0);
  CHECK(warnings[1].find("0x4 (ES) without NODBG") != std::string::npos);
  keyset.allowed_policies = {1, 5};
  CHECK(owner::warnings(keyset, "K").empty());
}

}  // namespace oskbc::keyset_policy_test
