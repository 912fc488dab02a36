// SPDX-License-Identifier: Apache-2.0
#include "owner/keysets_file.h"

#include <string>

#include "owner/hex.h"
#include "owner/temp_folder.h"
#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using core::Status;
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
  return parse_keysets("{\"S\":{" + members + "}}", "S");
}

std::string refusal(const std::string& text) {
  const auto failure = failure_of([&] { static_cast<void>(parse_keysets(text, "S")); });
  CHECK(failure.status == Status::keyset);
  return failure.text.substr(failure.text.rfind(": ") + 2);
}

std::string member_refusal(const std::string& members) {
  return refusal("{\"S\":{" + members + "}}");
}

}  // namespace

TEST_CASE("the guide's keysets.json is read as it stands") {
  const KeysetPolicy policy = parse_keysets(kGuide, "KEYSET-1");
  REQUIRE(policy.allowed_digests.value().size() == 2);
  CHECK(owner::to_hex(policy.allowed_digests->at(1)) ==
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
  CHECK(owner::to_hex(policy.allowed_digests.value().front()) ==
        "95adcb52446f7b85eb3a059692319fb848ed3dc0b42e8b78a513973645f90d5e");
}

TEST_CASE("what does not fit its member is refused") {
  const char* byte = "a number from 0 to 255 is needed";
  const char* word = "a number from 0 to 4294967295 is needed";
  for (const char* value :
       {"256", "-1", "1.0", "1e1", "\"1\"", "null", "[1]", "99999999999999999999"}) {
    INFO(value);
    CHECK(member_refusal("\"min-api-major\":" + std::string(value)) == byte);
    CHECK(member_refusal("\"allowed-build-ids\":[0," + std::string(value) + "]") == byte);
  }
  CHECK(member_refusal("\"allowed-policies\":[4294967296]") == word);
  CHECK(member_refusal("\"allowed-policies\":[-1]") == word);
  CHECK(member_refusal("\"allowed-policies\":1") == "an array is needed");
  CHECK(member_refusal("\"allowed_keys\":[1]") == "a string is needed");
}

TEST_CASE("a digest that is none is refused, also the 16 bytes of an old example") {
  CHECK(member_refusal(R"("allowed_digests":["66320db73158a35a255d051758e95ed4"])") ==
        "a digest has not 32 bytes");
  CHECK(member_refusal(R"("allowed_digests":[""])") == "a digest has not 32 bytes");
  CHECK(member_refusal(R"("allowed_digests":["MARKER!"])") ==
        "a digest is neither hexadecimal nor base64");
}

TEST_CASE("a member in both spellings, or twice, is refused") {
  const char* twice = "a member is there twice, be it spelled with _ or -";
  CHECK(member_refusal(R"("allowed_keys":[],"allowed-keys":[])") == twice);
  CHECK(member_refusal(R"("min-api-major":0,"min-api-major":0)") == twice);
  CHECK(refusal(R"({"S":{},"S":{}})") == "a keyset is there twice");
}

TEST_CASE("a member that is spelled wrong is refused, since it would not be enforced") {
  const std::string text = member_refusal("\"MARKER\":[]");
  CHECK(text == "an unknown member; what is spelled wrong would not be enforced");
  CHECK(member_refusal("\"allowed_policy\":[0]") == text);
}

TEST_CASE("the whole file has to be right, other keysets too") {
  refusal("");
  refusal("[]");
  refusal("{} x");
  refusal(R"({"S":[]})");
  refusal(R"({"S":{},"T":{"min-api-major":256}})");
}

TEST_CASE("a keyset that is not there is unknown") {
  const auto failure = failure_of([] { static_cast<void>(parse_keysets(kGuide, "MARKER")); });
  CHECK(failure.status == Status::unknown_key);
  CHECK(failure.text == "the keysets file has no such keyset among its 1");
}

TEST_CASE("a keysets file is read from its path") {
  const test::TempFolder folder;
  CHECK(owner::read_keysets_file(folder.write("f", kGuide), "KEYSET-1").allowed_keys);
  CHECK(test::status_of([&] {
          static_cast<void>(owner::read_keysets_file(folder.path("none"), "S"));
        }) == Status::io);
}
