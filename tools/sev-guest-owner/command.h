// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include <CLI/CLI.hpp>

// The frame that all commands of sev-guest-owner hang in. Each has a file of its own with
// `CLI::App* add_X_command(CLI::App& app, Chosen& chosen)`, which main.cpp calls. What a command's
// options fill lives in a std::shared_ptr that its function holds.
namespace oskbc::tools {

// What the command line asks for; its result is the exit status.
using Chosen = std::function<int()>;

// Adds a command that runs `run` once the whole command line was read.
CLI::App* add_command(CLI::App& app, Chosen& chosen, const char* name, const char* about,
                      Chosen run);

// "sev-guest-owner 0.1.0", for --version.
[[nodiscard]] std::string version_text();

// These take a `bool` that starts as false.
CLI::Option* add_json(CLI::App& command, bool& json);
CLI::Option* add_force(CLI::App& command, bool& force,
                       const char* about = "Replace files that are there");

// `-o DIR`, which is needed: for an OutputDirectory.
CLI::Option* add_output_directory(CLI::App& command, std::string& directory);

// Reads a number, decimal or with 0x, whole and without a sign. Throws CLI::ValidationError, which
// is a wrong command line, for anything else and for more than `maximum`: nothing is ever cut to
// its field.
[[nodiscard]] std::uint64_t parse_number(const std::string& text, std::uint64_t maximum,
                                         const std::string& option);

// An option whose number has to fit its variable. `value` may be a std::optional too.
template <std::unsigned_integral T, typename Value = T>
CLI::Option* add_number(CLI::App& command, const std::string& name, Value& value,
                        const std::string& about, T maximum = std::numeric_limits<T>::max()) {
  return command
      .add_option_function<std::string>(
          name,
          [&value, name, maximum](const std::string& text) {
            value = static_cast<T>(parse_number(text, maximum, name));
          },
          about)
      ->type_name("N");
}

}  // namespace oskbc::tools
