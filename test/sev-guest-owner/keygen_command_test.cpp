// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::keygen_command_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

CommandRun keygen(std::vector<std::string> words) {
  words.insert(words.begin(), "keygen");
  return test::run_command(tools::add_keygen_command, words);
}

}  // namespace

TEST_CASE("keygen adds a key for each id, in a file for its owner alone") {
  const TempFolder folder;
  const CommandRun run = keygen({"a", "default/key/b", "-o", folder.path("keys.json")});
  CHECK(run.status == 0);
  CHECK(run.output == folder.path("keys.json") + ": added a, default/key/b\n");
  CHECK(run.errors.empty());
  CHECK(folder.mode("keys.json") == 0600);
  CHECK_THAT(folder.read("keys.json"), Catch::ContainsSubstring("default/key/b"));
}

TEST_CASE("keygen wants an id") {
  const TempFolder folder;
  CHECK(keygen({"-o", folder.path("keys.json")}).is_wrong("ID is required"));
  CHECK(folder.count() == 0);
}

TEST_CASE("keygen replaces no key") {
  const TempFolder folder;
  CHECK(keygen({"a", "-o", folder.path("keys.json")}).status == 0);
  const std::string before = folder.read("keys.json");
  const CommandRun again = keygen({"b", "a", "-o", folder.path("keys.json")});
  CHECK(again.status != 0);
  CHECK_THAT(again.errors, Catch::ContainsSubstring("a"));
  CHECK(folder.read("keys.json") == before);
}

TEST_CASE("keygen makes no folders, and leaves alone what is no keys file") {
  const TempFolder folder;
  CHECK(keygen({"a", "-o", folder.path("missing/keys.json")})
            .fails(Status::io, folder.path("missing")));
  folder.write("text", "no keys");
  CHECK(keygen({"a", "-o", folder.path("text")}).status != 0);
  CHECK(folder.read("text") == "no keys");
}

}  // namespace oskbc::keygen_command_test
