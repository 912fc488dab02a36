// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sev-guest-owner/command.h"

namespace oskbc::tools {

CLI::App* add_serve_command(CLI::App& app, Chosen& chosen);

}  // namespace oskbc::tools
