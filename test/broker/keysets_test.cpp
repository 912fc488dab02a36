// SPDX-License-Identifier: Apache-2.0
#include "broker/keysets.h"

#include <string>

#include "base/status.h"
#include "owner/keys/secret_table.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::keysets_test {

using broker::Keysets;
using core::Status;

namespace {

constexpr const char* kKeys =
    R"({"key_id1": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=", "key_id2": "QkI="})";

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
  CHECK(keyset->keys == 1);
  const auto parsed = owner::parse_secret_table(keyset->table.expose());
  REQUIRE(parsed.entries.size() == 1);
  CHECK(parsed.entries[0].guid == core::keyset_guid());
  CHECK(core::as_text(parsed.entries[0].data) == R"({"key_id2": "QkI="})");
  CHECK(keysets.find("B")->keys == 0);
  CHECK(keysets.find("C") == nullptr);
  CHECK(keysets.size() == 2);
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

TEST_CASE("files that are not there are said") {
  const test::TempFolder folder;
  const auto status = test::status_of(
      [&] { static_cast<void>(Keysets(folder.path("none"), folder.path("none"), 3072)); });
  CHECK(status == Status::io);
}

}  // namespace oskbc::keysets_test
