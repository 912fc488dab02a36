// SPDX-License-Identifier: Apache-2.0
#include "broker/keysets.h"

#include <string>
#include <vector>

#include <boost/filesystem/operations.hpp>

#include "base/status.h"
#include "owner/keys/secret_table.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::keysets_test {

using broker::Form;
using broker::Keysets;
using core::Status;

namespace {

constexpr const char* kKeys =
    R"({"key_id1": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=", "key_id2": "QkI="})";

std::string entry_of(const Keysets& keysets, const broker::TablePart& part) {
  const core::SecretBytes table = keysets.table({&part, 1});
  const auto parsed = owner::parse_secret_table(table.expose());
  REQUIRE(parsed.entries.size() == 1);
  CHECK(parsed.entries[0].guid == part.guid);
  return std::string(core::as_text(parsed.entries[0].data));
}

struct Files {
  test::TempFolder folder;
  std::string keys = folder.write("keys.json", std::string_view(kKeys));

  [[nodiscard]] Keysets read(const std::string& keysets, std::size_t area = 3072) const {
    return {keys, folder.write("keysets.json", keysets), area};
  }
  [[nodiscard]] test::Failure failure(const std::string& keysets, std::size_t area = 3072) const {
    return test::failure_of([&] { static_cast<void>(read(keysets, area)); });
  }
};

}  // namespace

TEST_CASE("a keyset's table has the keys that it allows, and those alone") {
  const Files files;
  const Keysets keysets =
      files.read(R"({"A": {"allowed_keys": ["key_id2", "key_id2"]}, "B": {"allowed_keys": []}})");
  const broker::Keyset* keyset = keysets.find("A");
  REQUIRE(keyset != nullptr);
  CHECK(keyset->id == "A");
  CHECK(keyset->keys.size() == 1);
  CHECK(entry_of(keysets, {core::keyset_guid(), Form::bundle, keyset->keys}) ==
        R"({"key_id2": "QkI="})");
  CHECK(keysets.find("B")->keys.empty());
  CHECK(keysets.find("C") == nullptr);
  CHECK(keysets.size() == 2);
}

TEST_CASE("a key comes as its bytes or as simple-kbs's JSON") {
  const Files files;
  const Keysets keysets =
      files.read(R"({"A": {"allowed_keys": ["key_id2"]}, "B": {"allowed_keys": ["key_id2"]}})");
  const auto& numbers = keysets.find("A")->keys;
  CHECK(entry_of(keysets, {core::keyset_guid(), Form::binary, numbers}) == "BB");
  CHECK(entry_of(keysets, {core::keyset_guid(), Form::json, numbers}) ==
        R"({"id":"key_id2","payload":"QkI="})");
  CHECK(keysets.releasing(numbers.front()).size() == 2);
  CHECK(keysets.releasing(*keysets.keys().find("key_id1")).empty());
}

TEST_CASE("several parts make one table, as far as they fit") {
  const Files files;
  const Keysets keysets = files.read(R"({"A": {"allowed_keys": ["key_id1"]}})", 160);
  const auto& numbers = keysets.find("A")->keys;
  const std::vector<broker::TablePart> parts = {
      {core::keyset_guid(), Form::bundle, numbers},
      {*core::Guid::parse("0a46e24d-478c-4eb1-8696-113eeec3aa99"), Form::binary, numbers}};
  CHECK(owner::parse_secret_table(keysets.table(parts).expose()).entries.size() == 2);
  std::vector<broker::TablePart> many = parts;
  many.push_back({*core::Guid::parse("1ee27366-0c87-43a6-af48-28543eaf7cb0"), Form::json, numbers});
  CHECK(test::status_of([&] { static_cast<void>(keysets.table(many)); }) == Status::argument);
  many.back() = parts.front();
  CHECK(test::status_of([&] { static_cast<void>(keysets.table(many)); }) == Status::argument);
}

TEST_CASE("the keysets of a folder count together") {
  const Files files;
  boost::filesystem::create_directory(files.folder.path("sets"));
  files.folder.write("sets/1.json", R"({"A": {"allowed_keys": ["key_id1"]}})");
  files.folder.write("sets/2.json", R"({"B": {"allowed_keys": ["key_id2"]}})");
  const Keysets keysets(files.keys, files.folder.path("sets"), 3072);
  CHECK(keysets.size() == 2);
  CHECK(keysets.find("B") != nullptr);
}

TEST_CASE("what is wrong with any keyset is said, with its id") {
  const Files files;
  CHECK(files.failure(R"({"A": {"allowed_keys": ["none"]}})").text ==
        "keyset A: " + files.keys + " has no key for the id none");
  CHECK(files.failure(R"({"A": {"allowed_keys": ["none"]}})").status == Status::unknown_key);
  CHECK(files.failure(R"({"A": {"allowed_keys": []}, "B": {"allowed-policies": [1]}})").text ==
        "keyset B: it has no list of allowed_keys, so no key may be released");
  CHECK(files.failure(R"({"A": {"allowed_keys": ["key_id1"]}})", 64).status == Status::argument);
  CHECK(files.failure("{").status == Status::keyset);
}

TEST_CASE("at a reload, a keyset whose key is gone is refused, and the others are read") {
  const Files files;
  const std::string text =
      R"({"A": {"allowed_keys": ["key_id1"]}, "B": {"allowed_keys": ["none"]}, "C": {}})";
  const Keysets keysets(files.keys, files.folder.write("keysets.json", text), 3072,
                        broker::Unusable::refused);
  CHECK(keysets.find("A") != nullptr);
  CHECK(keysets.find("B") == nullptr);
  CHECK(keysets.find("C") == nullptr);
  CHECK(keysets.size() == 1);
  REQUIRE(keysets.refused().size() == 2);
  CHECK(keysets.refused().at("B") == files.keys + " has no key for the id none");
  CHECK(keysets.why_missing("B").ends_with("has no key for the id none"));
  CHECK(keysets.why_missing("C").ends_with(
      "it has no list of allowed_keys, so no key may be released"));
  CHECK(keysets.why_missing("D") == "there is no such keyset");
}

TEST_CASE("files that are not there are said") {
  const test::TempFolder folder;
  const auto status = test::status_of(
      [&] { static_cast<void>(Keysets(folder.path("none"), folder.path("none"), 3072)); });
  CHECK(status == Status::io);
}

}  // namespace oskbc::keysets_test
