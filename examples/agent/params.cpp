// SPDX-License-Identifier: Apache-2.0
#include "params.h"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

#include "failure.h"
#include <oskbc/oskbc.h>

namespace agent {
namespace {

constexpr std::string_view kSpace = " \t\r";
constexpr std::string_view kOnCommandLine = "agent.aa_kbc_params=";

std::string_view without_space_before(std::string_view text) {
  const std::size_t start = text.find_first_not_of(kSpace);
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

// The string that stands behind `name =` at the start of a line.
std::optional<std::string> value_in(std::string_view line, std::string_view name) {
  line = without_space_before(line);
  if (line.substr(0, name.size()) != name) return std::nullopt;
  line = without_space_before(line.substr(name.size()));
  if (line.empty() || line.front() != '=') return std::nullopt;
  line = without_space_before(line.substr(1));
  if (line.empty() || (line.front() != '"' && line.front() != '\'')) return std::nullopt;
  const std::size_t end = line.find(line.front(), 1);
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(line.substr(1, end - 1));
}

// The little of TOML that is needed: the value is a string on one line, before the first table.
std::optional<std::string> from_file(const std::string& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::string_view text = without_space_before(line);
    if (!text.empty() && text.front() == '[') break;
    if (auto value = value_in(text, "aa_kbc_params")) return value;
  }
  return std::nullopt;
}

std::optional<std::string> from_command_line(const std::string& path) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    if (word.compare(0, kOnCommandLine.size(), kOnCommandLine) == 0) {
      return word.substr(kOnCommandLine.size());
    }
  }
  return std::nullopt;
}

}  // namespace

std::string find_params(const std::string& root) {
  if (const char* value = std::getenv("AA_KBC_PARAMS")) return value;
  const std::string file = root + "/etc/agent-config.toml";
  if (const auto value = from_file(file)) return *value;
  const std::string command_line = root + "/proc/cmdline";
  if (const auto value = from_command_line(command_line)) return *value;
  throw Failure(OSKBC_E_PARAMS, "no aa_kbc_params: neither AA_KBC_PARAMS is set, nor has " + file +
                                    " a line aa_kbc_params = \"…\", nor has " + command_line +
                                    " a word " + std::string(kOnCommandLine) + "…");
}

}  // namespace agent
