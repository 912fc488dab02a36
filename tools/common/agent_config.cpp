// SPDX-License-Identifier: Apache-2.0
#include "common/agent_config.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "base/status.h"
#include "common/io.h"
#include "common/text.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::Status;

// Kata's agent has some ten members there.
constexpr std::size_t kFileLimit = std::size_t{1} << 20;

constexpr std::string_view kBetweenParameters = " \t\r\n\v\f";

// Takes the next parameter off the line: up to a space that stands outside quotes.
std::string_view take_parameter(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBetweenParameters), line.size()));
  bool quoted = false;
  std::size_t end = 0;
  for (; end < line.size(); ++end) {
    if (line[end] == '"') quoted = !quoted;
    if (!quoted && kBetweenParameters.find(line[end]) != std::string_view::npos) break;
  }
  const std::string_view parameter = line.substr(0, end);
  line.remove_prefix(end);
  return parameter;
}

// As next_arg() in the kernel's lib/cmdline.c: quotes around a parameter or around its value do not
// belong to it, the closing one may be missing, and others stay.
std::optional<std::string> value_of(std::string_view parameter, std::string_view name) {
  bool quoted = parameter.starts_with('"');
  if (quoted) parameter.remove_prefix(1);
  if (!parameter.starts_with(name)) return std::nullopt;
  parameter.remove_prefix(name.size());
  if (parameter.starts_with('"')) {
    quoted = true;
    parameter.remove_prefix(1);
  }
  if (quoted && parameter.ends_with('"')) parameter.remove_suffix(1);
  return std::string(parameter);
}

std::string text_of(const std::string& file) {
  std::string text;
  read_blocks(file, [&](core::ByteView block) {
    text += core::as_text(block);
    if (text.size() > kFileLimit) {
      fail(Status::argument, "%s has more than %zu bytes, far beyond what it should have",
           file.c_str(), kFileLimit);
    }
  });
  return text;
}

}  // namespace

std::optional<std::string> kernel_parameter(std::string_view command_line, std::string_view name) {
  std::optional<std::string> value;
  while (true) {
    const std::string_view parameter = take_parameter(command_line);
    if (parameter.empty()) return value;
    if (auto found = value_of(parameter, name)) value = std::move(found);
  }
}

AgentConfig::AgentConfig(std::string root, const std::string& file)
    : root_(std::move(root)), file_(file.empty() ? root_ + std::string(kAgentConfigFile) : file) {
  if (file.empty() && access(file_.c_str(), F_OK) != 0) return;
  text_.emplace(text_of(file_), printable(file_));
}

std::optional<std::string> AgentConfig::value(std::string_view name) const {
  return text_ ? text_->string(name) : std::nullopt;
}

std::vector<TomlText::Record> AgentConfig::records(std::string_view name) const {
  return text_ ? text_->records(name) : std::vector<TomlText::Record>();
}

std::optional<AgentConfig::Params> AgentConfig::find_params() const {
  if (const char* in_environment = std::getenv("AA_KBC_PARAMS")) {
    return Params{in_environment, "AA_KBC_PARAMS"};
  }
  if (auto in_file = value("aa_kbc_params")) return Params{*std::move(in_file), printable(file_)};
  const std::string command_line = root_ + "/proc/cmdline";
  if (access(command_line.c_str(), R_OK) != 0) return std::nullopt;
  auto found = kernel_parameter(text_of(command_line), kParamsParameter);
  if (!found) return std::nullopt;
  return Params{*std::move(found), "the kernel's command line"};
}

std::string AgentConfig::aa_kbc_params() const {
  if (auto params = find_params()) return std::move(params->value);
  fail(
      Status::params,
      "no aa_kbc_params: neither AA_KBC_PARAMS is set, nor has %s a line aa_kbc_params = \"...\", nor has %s/proc/cmdline a word agent.aa_kbc_params=...",
      file_.c_str(), root_.c_str());
}

}  // namespace oskbc::tools
