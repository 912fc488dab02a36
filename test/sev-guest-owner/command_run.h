// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "common/command_line.h"
#include "unit/redirect.h"

// Commands of sev-guest-owner, called as its main() calls them.
namespace oskbc::test {

struct CommandRun {
  int status = -1;
  std::string output;
  std::string errors;

  // Refused as a wrong command line, in these words and in one line.
  [[nodiscard]] bool is_wrong(const std::string& words) const {
    return status == tools::kExitUsage && output.empty() &&
           errors.starts_with("sev-guest-owner: " + words) && is_one_line();
  }
  // Refused for what was found, in these words.
  [[nodiscard]] bool fails(core::Status expected, const std::string& words) const {
    return status == static_cast<int>(expected) && errors.find(words) != std::string::npos &&
           is_one_line();
  }

 private:
  [[nodiscard]] bool is_one_line() const { return errors.find('\n') == errors.size() - 1; }
};

// The words begin with the command's name.
[[nodiscard]] inline CommandRun run_command(void (*add)(tools::Command&),
                                            std::vector<std::string> words) {
  tools::Command tool("sev-guest-owner", "The commands under test");
  add(tool);
  words.insert(words.begin(), "sev-guest-owner");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  CommandRun run;
  const auto call = [&] {
    run.status = tools::run_tool(tool, static_cast<int>(arguments.size()), arguments.data());
  };
  run.output = output_of(STDOUT_FILENO, [&] { run.errors = output_of(STDERR_FILENO, call); });
  return run;
}

}  // namespace oskbc::test
