// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "host/findings.h"
#include "host/initrd.h"
#include "host/kata_config.h"
#include "host/setup.h"

// What takes the secret inside the guest, as far as the initrd shows it.
namespace oskbc::host {

// Whether a file may be an agent, or its configuration, and so is worth a look into it.
[[nodiscard]] bool is_agent_path(std::string_view path);
[[nodiscard]] bool is_agent_config_path(std::string_view path);

// Whether there is liboskbc, or an agent that knows offline_sev_kbc without it.
[[nodiscard]] Verdict check_agent(const Initrd& initrd);

// The part of the guest's command line that is known.
[[nodiscard]] std::string command_line(const KataConfig* config, const Setup& setup);
// Whether the agent's configuration selects offline_sev_kbc.
[[nodiscard]] Verdict check_agent_config(const Initrd& initrd, const std::string& command_line);

}  // namespace oskbc::host
