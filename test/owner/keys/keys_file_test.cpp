// SPDX-License-Identifier: Apache-2.0
#include "owner/keys/keys_file.h"

#include <initializer_list>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/status.h"
#include "common/binary.h"
#include "common/text.h"
#include "format/keyset.h"
#include "owner/crypto/hash.h"
#include "owner/keys/secret_table.h"
#include "owner/vectors.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

using oskbc::owner::SecretText;
namespace oskbc::keys_file_test {

using namespace std::string_view_literals;

using core::Status;
using owner::KeysFile;
using test::failure_of;
using test::status_of;
using test::TempFolder;

namespace {

core::SecretBytes secret(std::string_view text) {
  core::SecretBytes bytes(text.size());
  std::copy(text.begin(), text.end(), bytes.expose_writable().begin());
  return bytes;
}

KeysFile keys(std::string_view text) { return KeysFile(secret(text)); }

std::string bundle(const KeysFile& file, const std::vector<std::string>& ids) {
  return std::string(file.bundle(ids).expose_text());
}

std::string with_new_keys(const KeysFile& file, const std::vector<std::string>& ids) {
  return std::string(file.with_new_keys(ids).expose_text());
}

// 32 bytes are 44 characters.
std::string without_keys(std::string text) {
  for (std::size_t end = text.find("=\""); end != std::string::npos; end = text.find("=\"", end)) {
    text.replace(end - 43, 44, "KEY");
    end -= 40;
  }
  return text;
}

}  // namespace

TEST_CASE("secret text grows to any length and comes out exact") {
  SecretText text;
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    text.append(std::to_string(i));
    expected += std::to_string(i);
  }
  CHECK(text.take().expose_text() == expected);
  CHECK(text.take().empty());
}

TEST_CASE("secret text can be taken and begun anew") {
  SecretText text;
  text.append("first");
  CHECK(text.take().expose_text() == "first");
  text.append("");
  text.append("second");
  CHECK(text.take().expose_text() == "second");
}

TEST_CASE("the entries keep their order and their text") {
  const KeysFile file = keys(R"( { "b" : "QUJD", "a\u0062":"RA\u003d=" } )");
  CHECK(file.ids() == std::vector<std::string>{"b", "ab"});
  CHECK(bundle(file, file.ids()) == R"({"b": "QUJD", "a\u0062": "RA\u003d="})");
  CHECK(bundle(file, {"ab"}) == R"({"a\u0062": "RA\u003d="})");
  CHECK(bundle(file, {"ab", "b", "ab"}) == R"({"a\u0062": "RA\u003d=", "b": "QUJD"})");
  CHECK(bundle(file, {}) == "{}");
}

TEST_CASE("an allowed id without a key is an error") {
  const KeysFile file = keys(R"({"a":"QUJD"})");
  const auto failure = failure_of([&] { static_cast<void>(bundle(file, {"a", "key_id2\n"})); });
  CHECK(failure.status == Status::unknown_key);
  CHECK(failure.text == "keys file has no key for the id key_id2\\x0a");
  const KeysFile near(secret(R"({"key_id1":"QUJD"})"), "keys.json");
  CHECK(failure_of([&] { static_cast<void>(bundle(near, {"key_id2"})); }).text ==
        "keys.json has no key for the id key_id2; did you mean key_id1?");
}

TEST_CASE("a keys file has to be a keyset") {
  for (const char* text :
       {"", "[]", R"({"a":1})", R"({"a":"MARKER"})", R"({"a":"","a":""})", "{} x"}) {
    CHECK(status_of([&] { static_cast<void>(keys(text)); }) == Status::keyset);
  }
}

TEST_CASE("what is wrong in a keys file is told with its place and its id, never with its value") {
  const auto text_of = [](std::string_view text) {
    const auto failure =
        failure_of([&] { static_cast<void>(KeysFile(secret(text), "keys.json")); });
    CHECK(failure.status == Status::keyset);
    CHECK_FALSE(test::holds_marker(failure.text));
    return failure.text;
  };
  CHECK(text_of("{\"a\": \"QUJD\",\n \"b\": \"MARKER\"}") ==
        "keys.json, line 2, column 7, key id b: the value is not canonical base64");
  CHECK(text_of("{\"a\": 1}") ==
        "keys.json, line 1, column 7, key id a: the value is not a string");
  CHECK(text_of("{\"a\": \"\",\n\"a\": \"\"}") ==
        "keys.json, line 2, column 1, key id a: the id is there already");
  CHECK(text_of("{\"a\\u0000\": \"\"}") ==
        "keys.json, line 1, column 2, key id a\\x00: the id holds a NUL");
  CHECK(text_of("{\"a\": \"QUJD\" \"MARKER\"}") ==
        "keys.json, line 1, column 14, key id a: a comma or the closing bracket is missing");
  CHECK(text_of("{} MARKER") == "keys.json, line 1, column 4: text after the end");
  CHECK_THAT(text_of(""), Catch::StartsWith("keys.json, line 1, column 1: "));
  CHECK(text_of("{\"b\": \"\", \"a\": \"\", \"b\": \"\"}") ==
        "keys.json, line 1, column 20, key id b: the id is there already");
  CHECK_THAT(text_of("{}" + std::string(owner::kKeysText, ' ')),
             Catch::StartsWith("keys.json has more than 67108864 bytes"));
}

TEST_CASE("what is a keyset to the guest is a keys file, and what is none is none") {
  for (const std::string_view text : std::initializer_list<std::string_view>{
           R"({})",
           " {\n} \t\0\0"sv,
           R"({"":""})",
           R"({"a\"\\":"QUJD","é":"QQ==","\u00e8":"QQ\u003d="})",
           R"({"a":"QUJD"}x)",
           R"({"a":"QUJD",})",
           R"({"a":"QUJ"})",
           R"({"a":"QR=="})",
           R"({"a":"QUJD","\u0061":""})",
           R"({"a\u0000":""})",
           R"({"a":null})",
           R"({"a":{}})",
           "{\"\xff\":\"\"}"sv,
       }) {
    const bool is_keyset =
        status_of([&] { static_cast<void>(core::Keyset::parse(text)); }) == Status::ok;
    CHECK((status_of([&] { static_cast<void>(keys(text)); }) == Status::ok) == is_keyset);
  }
}

TEST_CASE("keys are found by their ids among very many") {
  constexpr unsigned kMany = 30000;
  std::string text = "{";
  for (unsigned i = 0; i < kMany; ++i) {
    // Not in the order of their ids.
    text += (i == 0 ? "\"" : ",\"") + std::to_string(i * 7919 % kMany) + "\":\"QUJD\"";
  }
  const KeysFile file = keys(text + "}");
  REQUIRE(file.size() == kMany);
  for (unsigned i = 0; i < kMany; ++i) {
    const auto number = file.find(std::to_string(i));
    if (!number || file.id(*number) != std::to_string(i)) FAIL(i << " was not found");
  }
  CHECK_FALSE(file.has("30000"));
  CHECK_FALSE(file.has(""));
  // Nothing near is looked for among so many.
  CHECK(failure_of([&] { static_cast<void>(bundle(file, {"x1"})); }).text ==
        "keys file has no key for the id x1");
}

TEST_CASE("a key's bytes and a bundle's size are known by the key's number") {
  const KeysFile file = keys(R"( { "b" : "QUJD", "a\u0062":"RA\u003d=", "e": "" } )");
  const auto numbers = file.numbers(std::vector<std::string>{"ab", "b", "ab", "e"});
  REQUIRE(numbers == std::vector<KeysFile::Number>{1, 0, 2});
  CHECK(file.key(0).expose_text() == "ABC");
  CHECK(file.key(1).expose_text() == "D");
  CHECK(file.key(2).empty());
  for (std::size_t count = 0; count <= numbers.size(); ++count) {
    const auto some = std::span(numbers).first(count);
    CHECK(file.bundle_size(some) == file.bundle(some).size());
  }
}

TEST_CASE("a bundle of a keys file makes gop-server.py's table") {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    char id[24];
    std::snprintf(id, sizeof id, "key_id%04d", i);
    const owner::Digest key = owner::sha256(core::as_bytes("sevcrypto key " + std::to_string(i)));
    text += (i == 0 ? "{\"" : ",\n\t\"") + std::string(id) + "\" : \"" +
            core::base64::encode(core::ByteView(key)) + "\"";
  }
  const KeysFile file = keys(text + "}");
  const core::SecretBytes json = file.bundle(file.ids());
  for (const auto& vector : test::owner_vectors("secret_tables.json")["one_keyset"]) {
    if (!vector.contains("recipe")) continue;
    CHECK(tools::to_hex(owner::sha256(json.expose())) == vector["json_sha256"].get<std::string>());
    const owner::SecretEntry entry{core::keyset_guid(), json.expose()};
    const auto table = owner::build_secret_table({&entry, 1}, owner::TableLength::unpadded, 65536);
    CHECK(tools::to_hex(owner::sha256(table.expose())) ==
          vector["len_excludes_padding"]["table_sha256"].get<std::string>());
  }
}

TEST_CASE("new keys come behind those that are there, spaced like them") {
  CHECK(without_keys(with_new_keys(KeysFile(), {"a", "b"})) ==
        "{\n  \"a\": \"KEY\",\n  \"b\": \"KEY\"\n}\n");
  CHECK(without_keys(with_new_keys(keys("{}"), {"a"})) == "{\n  \"a\": \"KEY\"\n}");
  CHECK(without_keys(with_new_keys(keys("{\n\t\"x\" :\"QUJD\"\n}\n"), {"a"})) ==
        "{\n\t\"x\" :\"QUJD\",\n\t\"a\": \"KEY\"\n}\n");
  CHECK(without_keys(with_new_keys(keys(R"({"x":"QUJD"})"), {"a", "b"})) ==
        R"({"x":"QUJD","a": "KEY","b": "KEY"})");
}

TEST_CASE("new keys have 32 bytes and differ") {
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.push_back("id" + std::to_string(i));
  const core::Keyset keyset = core::Keyset::parse(with_new_keys(KeysFile(), ids));
  REQUIRE(keyset.size() == 100);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < keyset.size(); ++i) {
    CHECK(keyset.expose_value(i).size() == 32);
    seen.insert(tools::to_hex(keyset.expose_value(i)));
  }
  CHECK(seen.size() == 100);
}

TEST_CASE("any id that JSON can hold can be made") {
  const std::vector<std::string> ids = {"default/key/1", "a\"b\\c", "\x01\n\x7f",
                                        "\xc3\xa9\xf0\x9f\x98\x80"};
  CHECK(keys(with_new_keys(KeysFile(), ids)).ids() == ids);
}

TEST_CASE("an id that is there, repeated or none gets no key") {
  const KeysFile file = keys(R"({"there":"QUJD"})");
  const auto refusal = [&](const std::vector<std::string>& ids) {
    const auto failure = failure_of([&] { static_cast<void>(file.with_new_keys(ids)); });
    CHECK(failure.status == Status::argument);
    return failure.text;
  };
  CHECK(refusal({"a", "there"}) ==
        "key id there is in keys file already; keys are never overwritten");
  CHECK(refusal({"a", "b", "a"}) == "key id a is given twice");
  CHECK(refusal({""}) == "key id 1 is empty or not UTF-8");
  CHECK(refusal({"\xff"}) == "key id 1 is empty or not UTF-8");
  CHECK(refusal({std::string("a\0b", 3)}) == "key id 1 is empty or not UTF-8");
}

TEST_CASE("keys are taken out, with what stands before them") {
  const auto without = [](std::string_view text, const std::vector<std::string>& ids) {
    return std::string(keys(text).without(ids).expose_text());
  };
  const std::string text = "{\n  \"a\": \"QUJD\",\n  \"b\": \"\",\n  \"c\": \"QQ==\"\n}\n";
  CHECK(without(text, {"b"}) == "{\n  \"a\": \"QUJD\",\n  \"c\": \"QQ==\"\n}\n");
  CHECK(without(text, {"a"}) == "{\n  \"b\": \"\",\n  \"c\": \"QQ==\"\n}\n");
  CHECK(without(text, {"c", "a"}) == "{\n  \"b\": \"\"\n}\n");
  CHECK(without(text, {"a", "b", "c"}) == "{\n  \n}\n");
  CHECK(without(text, {}) == text);
  CHECK(status_of([&] { without(text, {"a", "d"}); }) == Status::unknown_key);
}

TEST_CASE("keys are added to the file") {
  const TempFolder folder;
  const std::string file = folder.path("keys.json");
  owner::add_keys(file, std::vector<std::string>{"a"});
  const std::string before = folder.read("keys.json");
  owner::add_keys(file, std::vector<std::string>{"b"});
  const std::string after = folder.read("keys.json");
  CHECK(after.starts_with(before.substr(0, before.size() - 3)));
  CHECK(keys(after).ids() == std::vector<std::string>{"a", "b"});
  CHECK(folder.mode("keys.json") == 0600);
  CHECK(folder.count() == 1);
  CHECK(status_of([&] {
          owner::add_keys(file, std::vector<std::string>{"c", "a"});
        }) == Status::argument);
  CHECK(folder.read("keys.json") == after);
}

TEST_CASE("a file that is no keyset stays as it is") {
  const TempFolder folder;
  const std::string file = folder.write("keys.json", "not keys");
  CHECK(status_of([&] { owner::add_keys(file, std::vector<std::string>{"a"}); }) == Status::keyset);
  CHECK(folder.read("keys.json") == "not keys");
  CHECK(folder.count() == 1);
}

TEST_CASE("a link keeps leading to its keys file") {
  const TempFolder folder;
  folder.write("real", "{}");
  boost::filesystem::create_symlink("real", folder.path("link"));
  owner::add_keys(folder.path("link"), std::vector<std::string>{"a"});
  CHECK(boost::filesystem::is_symlink(boost::filesystem::symlink_status(folder.path("link"))));
  CHECK(keys(folder.read("real")).has("a"));
}

TEST_CASE("keys that are added at once are all there afterwards") {
  const TempFolder folder;
  const std::string file = folder.write("keys.json", "{}");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&file, i] { owner::add_keys(file, std::vector<std::string>{"id" + std::to_string(i)}); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(keys(folder.read("keys.json")).size() == 8);
}

}  // namespace oskbc::keys_file_test
