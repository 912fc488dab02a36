// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/command_line.h"

// Completion in a shell: its scripts (tools/completion/) ask the tool itself, whose description is
// also what --help shows.
namespace oskbc::tools {

// What may stand in the last word's place, which is the one under the cursor; a line each, with a
// tab before what it is about. ":files" and ":folders" stand for the shell's own.
[[nodiscard]] std::string completions(const Command& tool, const std::vector<std::string>& words);

// Prints them; a command that passes its words on is asked itself. Returns an exit status.
int print_completions(const Command& tool, const std::vector<std::string>& words);

}  // namespace oskbc::tools
