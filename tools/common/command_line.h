// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace oskbc::tools {

// What a tool exits with for a wrong command line (EX_USAGE of sysexits.h); all else are statuses.
inline constexpr int kExitUsage = 64;

// Parses the command line and runs `command`, whose result is the exit status. What goes wrong
// becomes one line on standard error that starts with the program's name, and the status's number.
int run_tool(CLI::App& app, int argc, char** argv, const std::function<int()>& command);

}  // namespace oskbc::tools
