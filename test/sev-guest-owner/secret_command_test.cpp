// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::secret_command_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

// With all that is needed, in files that are not there.
CommandRun secret(std::vector<std::string> words) {
  words.insert(words.begin(), {"secret", "--table", "/nowhere/table", "--tek", "/nowhere/tek",
                               "--tik", "/nowhere/tik", "--measure", "M"});
  return test::run_command(tools::add_secret_command, words);
}

}  // namespace

TEST_CASE("secret wants files and a folder") {
  CHECK(test::run_command(tools::add_secret_command, {"secret"}).status == tools::kExitUsage);
  CHECK(secret({"--unsafe-skip-measurement"}).is_wrong("--output is required"));
}

TEST_CASE("secret seals nothing for a launch that is not verified") {
  const TempFolder folder;
  const CommandRun run = secret({"-o", folder.path("out")});
  CHECK(run.status == tools::kExitUsage);
  for (const char* option : {"--api-major", "--api-minor", "--build-id", "--policy", "--digest"}) {
    CHECK_THAT(run.errors, Catch::ContainsSubstring(option));
  }
  CHECK(folder.count() == 0);
}

TEST_CASE("secret takes what to verify against, or the leave not to") {
  const TempFolder folder;
  CHECK(secret({"-o", folder.path("out"), "--unsafe-skip-measurement", "--policy", "1"})
            .is_wrong("--unsafe-skip-measurement: nothing is verified with it"));
  CHECK(folder.count() == 0);
}

TEST_CASE("secret makes no folder where its files are missing") {
  const TempFolder folder;
  CHECK(secret({"-o", folder.path("out"), "--unsafe-skip-measurement"})
            .fails(Status::io, "/nowhere/tek"));
  CHECK(folder.count() == 0);
}

TEST_CASE("an address fits 64 bits") {
  CHECK(secret({"-o", "out", "--gpa", "0x10000000000000000"})
            .is_wrong("--gpa: the number does not fit"));
  CHECK(secret({"-o", "out", "--gpa", "here"}).is_wrong("--gpa: a number is needed"));
}

}  // namespace oskbc::secret_command_test
