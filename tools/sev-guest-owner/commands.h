// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/command_line.h"

// The commands of sev-guest-owner, each in a file of its own. What a command's options fill lives
// in a std::shared_ptr that its action holds.
namespace oskbc::tools {

void add_keygen_command(Command& tool);
void add_keys_command(Command& tool);
void add_keyset_command(Command& tool);
void add_image_command(Command& tool);
void add_digest_command(Command& tool);
void add_verify_chain_command(Command& tool);
void add_session_command(Command& tool);
void add_measure_command(Command& tool);
void add_table_command(Command& tool);
void add_secret_command(Command& tool);
void add_check_command(Command& tool);
void add_doctor_command(Command& tool);
void add_audit_command(Command& tool);
// Hands over to sev-guest-owner-serve.
void add_serve_command(Command& tool);

}  // namespace oskbc::tools
