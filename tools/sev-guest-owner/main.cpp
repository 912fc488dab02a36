// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "common/command_line.h"
#include "sev-guest-owner/commands.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::tools {
namespace {

constexpr const char* kAbout =
    "All that the owner of an SEV or SEV-ES guest does before the guest boots: keys, secret tables, launch digests, sessions, measurements, secrets.";

constexpr const char* kFooter =
    "Numbers are decimal or 0x. Nothing is overwritten without --force.\n"
    "Exit status: 0, a status of liboskbc (see sev-guest-owner(1)), or 64 for a wrong command line.";

int run(int argc, char** argv) {
  Command tool("sev-guest-owner", kAbout);
  tool.version(std::string("sev-guest-owner ") + oskbc_version());
  tool.footer(kFooter);
  // In the order in which they are needed.
  add_keygen_command(tool);
  add_keys_command(tool);
  add_keyset_command(tool);
  add_image_command(tool);
  add_digest_command(tool);
  add_verify_chain_command(tool);
  add_session_command(tool);
  add_measure_command(tool);
  add_table_command(tool);
  add_secret_command(tool);
  add_check_command(tool);
  add_doctor_command(tool);
  add_serve_command(tool);
  add_audit_command(tool);
  return run_tool(tool, argc, argv);
}

}  // namespace
}  // namespace oskbc::tools

int main(int argc, char** argv) { return oskbc::tools::run(argc, argv); }
