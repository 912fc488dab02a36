// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/secret_bytes.h"
#include "common/command_line.h"
#include "owner/launch/session.h"

namespace oskbc::tools {

// The files with a session's keys: each has its own, or one has both.
struct SessionKeyFiles {
  std::string tek;
  std::string tik;
  std::string both;

  // The options that both keys, or the TIK alone, need and that are not given.
  [[nodiscard]] std::vector<std::string> missing() const;
  [[nodiscard]] std::vector<std::string> missing_tik() const;
};

void add_session_keys(Command& command, SessionKeyFiles& files);
// The TIK alone; returns the option for both.
Option& add_session_tik(Command& command, SessionKeyFiles& files);

[[nodiscard]] owner::TransportKeys read_session_keys(const SessionKeyFiles& files);
[[nodiscard]] core::SecretBytes read_session_tik(const SessionKeyFiles& files);

}  // namespace oskbc::tools
