// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::session_command_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

CommandRun session(std::vector<std::string> words) {
  words.insert(words.begin(), "session");
  return test::run_command(tools::add_session_command, words);
}

}  // namespace

TEST_CASE("session wants a PDH, a policy and a folder") {
  CHECK(session({"--policy", "1", "-o", "out"}).is_wrong("--pdh is required"));
  CHECK(session({"--pdh", "F", "-o", "out"}).is_wrong("--policy is required"));
  CHECK(session({"--pdh", "F", "--policy", "1"}).is_wrong("--output is required"));
}

TEST_CASE("a policy is a number of 32 bits") {
  CHECK(session({"--pdh", "F", "-o", "out", "--policy", "4294967296"})
            .is_wrong("--policy: the number does not fit, at most 4294967295"));
  CHECK(
      session({"--pdh", "F", "-o", "out", "--policy=-1"}).is_wrong("--policy: a number is needed"));
}

TEST_CASE("session makes nothing for a PDH that is none") {
  const TempFolder folder;
  const std::vector<std::string> rest{"--policy", "1", "-o", folder.path("out")};
  std::vector<std::string> words{"--pdh", folder.path("none")};
  words.insert(words.end(), rest.begin(), rest.end());
  CHECK(session(words).fails(Status::io, folder.path("none")));
  words[1] = folder.write("pdh", "no certificate");
  CHECK(session(words).status != 0);
  CHECK(folder.count() == 1);
}

}  // namespace oskbc::session_command_test
