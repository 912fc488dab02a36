// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::serve_command_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

// Where it is installed, the command would become it.
bool is_installed() {
  const std::string program = std::string(OSKBC_SERVE_FOLDER) + "/sev-guest-owner-serve";
  return ::access(program.c_str(), F_OK) == 0;
}

}  // namespace

TEST_CASE("serve leaves help and options to the server, which has to be there") {
  if (is_installed()) return;
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"serve"}, {"serve", "--help"}, {"serve", "--port", "1", "anything"}}) {
    const CommandRun run = test::run_command(tools::add_serve_command, words);
    CHECK(run.fails(Status::unsupported, "serve is not part of this installation"));
    CHECK(run.output.empty());
  }
}

}  // namespace oskbc::serve_command_test
