// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::keys_command_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

struct Desk {
  TempFolder folder;
  std::string keys = folder.write("keys.json", R"({"a": "QUJD", "b": ""})");
  std::string keysets =
      folder.write("keysets.json", R"({"K": {"allowed_keys": ["a"], "allowed-policies": [1]}})");

  Desk() {
    using boost::filesystem::perms;
    boost::filesystem::permissions(keys, perms::owner_read | perms::owner_write);
  }

  [[nodiscard]] CommandRun operator()(std::vector<std::string> words) const {
    words.insert(words.begin(), "keys");
    words.insert(words.end(), {"--keys", keys, "--keysets", keysets});
    return test::run_command(tools::add_keys_command, words);
  }
};

}  // namespace

TEST_CASE("keys are listed with their lengths and keysets, and not themselves") {
  const Desk desk;
  const CommandRun run = desk({"list"});
  CHECK(run.status == 0);
  CHECK(run.output == "3\ta\tK\n0\tb\t\n");
}

TEST_CASE("both keys are allowed after a rotation, until the old one is removed") {
  const Desk desk;
  CHECK(desk({"rotate", "a"}).status == 0);
  CHECK_THAT(desk.folder.read("keysets.json"), Catch::ContainsSubstring(R"(["a", "a-2"])"));
  CHECK(desk({"remove", "a"}).status == 0);
  CHECK_THAT(desk.folder.read("keysets.json"), Catch::ContainsSubstring(R"(["a-2"])"));
  CHECK_THAT(desk.folder.read("keys.json"), !Catch::ContainsSubstring("QUJD"));
}

TEST_CASE("of a folder's keysets files those are changed that have to be") {
  Desk desk;
  boost::filesystem::create_directory(desk.folder.path("sets"));
  const std::string others = R"({"L": {"allowed_keys": ["b"]}})";
  desk.folder.write("sets/1.json", desk.folder.read("keysets.json"));
  desk.folder.write("sets/2.json", others);
  desk.keysets = desk.folder.path("sets");
  CHECK(desk({"list"}).output == "3\ta\tK\n0\tb\tL\n");
  CHECK(desk({"rotate", "a"}).status == 0);
  CHECK_THAT(desk.folder.read("sets/1.json"), Catch::ContainsSubstring(R"(["a", "a-2"])"));
  CHECK(desk.folder.read("sets/2.json") == others);
  CHECK(desk({"remove", "a", "b"}).status == 0);
  CHECK_THAT(desk.folder.read("sets/1.json"), Catch::ContainsSubstring(R"(["a-2"])"));
  CHECK_THAT(desk.folder.read("sets/2.json"), Catch::ContainsSubstring("[]"));
}

TEST_CASE("what is not there changes nothing") {
  const Desk desk;
  const std::string before = desk.folder.read("keys.json") + desk.folder.read("keysets.json");
  CHECK(desk({"remove", "a", "none"}).fails(Status::unknown_key, "no key for the id none"));
  CHECK(desk({"rotate", "none"}).fails(Status::unknown_key, "no key for the id none"));
  CHECK(desk({"rotate"}).is_wrong("ID is required"));
  CHECK(desk({"remove"}).is_wrong("ID is required"));
  CHECK(desk.folder.read("keys.json") + desk.folder.read("keysets.json") == before);
}

TEST_CASE("sealing needs a key's file") {
  const TempFolder folder;
  const auto seal = [](const std::vector<std::string>& words) {
    return test::run_command(tools::add_keys_command, words);
  };
  CHECK(seal({"keys", "seal"}).is_wrong("--keys-key is required"));
  CHECK(seal({"keys", "unseal"}).is_wrong("--keys-key is required"));
  CHECK(seal({"keys", "seal", "--keys", folder.path("none"), "--keys-key", folder.path("key")})
            .fails(Status::io, folder.path("none")));
  CHECK(folder.count() == 0);
}

}  // namespace oskbc::keys_command_test
