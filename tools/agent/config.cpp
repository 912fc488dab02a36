// SPDX-License-Identifier: Apache-2.0
#include "agent/config.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::agent {
namespace {

using core::fail;
using core::Status;

constexpr std::string_view kSpace = " \t\r";
constexpr std::string_view kOnCommandLine = "agent.aa_kbc_params=";

std::string_view without_space_before(std::string_view text) {
  const std::size_t start = text.find_first_not_of(kSpace);
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

// The string that stands behind `name =` at the start of a line.
std::optional<std::string> value_in(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return std::nullopt;
  line = without_space_before(line.substr(name.size()));
  if (!line.starts_with('=')) return std::nullopt;
  line = without_space_before(line.substr(1));
  if (!line.starts_with('"') && !line.starts_with('\'')) return std::nullopt;
  const std::size_t end = line.find(line.front(), 1);
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(line.substr(1, end - 1));
}

std::optional<std::string> from_command_line(const std::string& path) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    if (word.starts_with(kOnCommandLine)) return word.substr(kOnCommandLine.size());
  }
  return std::nullopt;
}

}  // namespace

Config::Config(std::string root, const std::string& file)
    : root_(std::move(root)), file_(file.empty() ? root_ + std::string(kConfigFile) : file) {
  if (!file.empty() && access(file.c_str(), R_OK) != 0) {
    fail(Status::io, "the configuration file %s cannot be read: %s", file.c_str(),
         std::strerror(errno));
  }
}

std::optional<std::string> Config::value(std::string_view name) const {
  std::ifstream file(file_);
  for (std::string line; std::getline(file, line);) {
    const std::string_view text = without_space_before(line);
    if (text.starts_with('[')) break;
    if (auto value = value_in(text, name)) return value;
  }
  return std::nullopt;
}

std::string Config::aa_kbc_params() const {
  if (const char* in_environment = std::getenv("AA_KBC_PARAMS")) return in_environment;
  if (const auto in_file = value("aa_kbc_params")) return *in_file;
  const std::string command_line = root_ + "/proc/cmdline";
  if (const auto on_command_line = from_command_line(command_line)) return *on_command_line;
  fail(
      Status::params,
      "no aa_kbc_params: neither AA_KBC_PARAMS is set, nor has %s a line aa_kbc_params = \"...\", nor has %s a word %s...",
      file_.c_str(), command_line.c_str(), kOnCommandLine.data());
}

}  // namespace oskbc::agent
