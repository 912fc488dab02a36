// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/command.h"

#include <charconv>
#include <string_view>
#include <utility>

#include <oskbc/oskbc.hpp>

namespace oskbc::tools {

std::string version_text() { return std::string("sev-guest-owner ") + oskbc_version(); }

CLI::App* add_command(CLI::App& app, Chosen& chosen, const char* name, const char* about,
                      Chosen run) {
  CLI::App* added = app.add_subcommand(name, about);
  added->set_version_flag("--version", version_text());
  added->callback([&chosen, run = std::move(run)] { chosen = run; });
  return added;
}

CLI::Option* add_json(CLI::App& command, bool& json) {
  return command.add_flag("--json", json, "Write JSON");
}

CLI::Option* add_force(CLI::App& command, bool& force, const char* about) {
  return command.add_flag("--force", force, about);
}

CLI::Option* add_output_directory(CLI::App& command, std::string& directory) {
  return command.add_option("-o,--output", directory, "Where the files go; made if it isn't there")
      ->type_name("DIR")
      ->required();
}

std::uint64_t parse_number(const std::string& text, std::uint64_t maximum,
                           const std::string& option) {
  const std::string_view all = text;
  const bool hex = all.starts_with("0x") || all.starts_with("0X");
  const std::string_view digits = all.substr(hex ? 2 : 0);
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
  if (error == std::errc::invalid_argument || last != end) {
    throw CLI::ValidationError(option, "a number is needed, decimal or with 0x");
  }
  if (error != std::errc() || value > maximum) {
    throw CLI::ValidationError(option,
                               "the number does not fit, at most " + std::to_string(maximum));
  }
  return value;
}

}  // namespace oskbc::tools
