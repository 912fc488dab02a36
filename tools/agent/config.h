// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace oskbc::agent {

// Where agents look unless they are told otherwise, below the root.
inline constexpr std::string_view kConfigFile = "/etc/agent-config.toml";

// What an agent is told by its surroundings. The little of TOML that is needed is read: a value is
// a string on one line, before the first table. Other names are other programs'.
class Config {
 public:
  // Of an empty name, the usual file, which may be missing; a file that was named has to be there.
  // Throws Status::io.
  Config(std::string root, const std::string& file);

  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;

  // Finds aa_kbc_params: in the environment as AA_KBC_PARAMS, in the file, or in the kernel's
  // command line as agent.aa_kbc_params=…; the first one counts. Throws Status::params when it is
  // nowhere.
  [[nodiscard]] std::string aa_kbc_params() const;

 private:
  std::string root_;
  std::string file_;
};

}  // namespace oskbc::agent
