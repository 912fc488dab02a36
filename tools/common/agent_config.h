// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/toml.h"

// How a guest's agent is told what to do, as the agents and the doctors read it.
namespace oskbc::tools {

// Where agents look unless they are told otherwise, below the root.
inline constexpr std::string_view kAgentConfigFile = "/etc/agent-config.toml";

// What leads the guest's agent to its configuration, and what replaces it.
inline constexpr std::string_view kConfigFileParameter = "agent.config_file=";
inline constexpr std::string_view kParamsParameter = "agent.aa_kbc_params=";

// A parameter's value in a kernel's command line, with quotes as the kernel reads them; `name` ends
// with the "=". The last one counts.
[[nodiscard]] std::optional<std::string> kernel_parameter(std::string_view command_line,
                                                          std::string_view name);

// What an agent is told by its surroundings.
class AgentConfig {
 public:
  struct Params {
    std::string value;
    std::string where;  // for messages
  };

  // Of an empty name, the usual file, which may be missing; a file that was named has to be there.
  // Throws Status::io, or Status::argument for what is not TOML.
  AgentConfig(std::string root, const std::string& file);

  // A member of the file, before its first table. Throws Status::argument where it is no string.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;

  // The file's tables of this name ([[name]]). Throws Status::argument where they hold anything but
  // strings.
  [[nodiscard]] std::vector<TomlText::Record> records(std::string_view name) const;
  // The file's name, for messages.
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

  // aa_kbc_params in the environment as AA_KBC_PARAMS, in the file, or in the kernel's command line
  // as agent.aa_kbc_params=...; the first one counts.
  [[nodiscard]] std::optional<Params> find_params() const;
  // The same; throws Status::params where it is nowhere.
  [[nodiscard]] std::string aa_kbc_params() const;

 private:
  std::string root_;
  std::string file_;
  std::optional<TomlText> text_;
};

}  // namespace oskbc::tools
