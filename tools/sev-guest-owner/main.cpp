// SPDX-License-Identifier: Apache-2.0
#include "common/command_line.h"
#include "sev-guest-owner/command.h"
#include "sev-guest-owner/digest_command.h"
#include "sev-guest-owner/doctor_command.h"
#include "sev-guest-owner/image_command.h"
#include "sev-guest-owner/keygen_command.h"
#include "sev-guest-owner/measure_command.h"
#include "sev-guest-owner/secret_command.h"
#include "sev-guest-owner/serve_command.h"
#include "sev-guest-owner/session_command.h"
#include "sev-guest-owner/table_command.h"
#include "sev-guest-owner/verify_chain_command.h"

namespace oskbc::tools {
namespace {

constexpr const char* kAbout =
    "All that the owner of an SEV or SEV-ES guest does before the guest boots: keys, secret tables, launch digests, sessions, measurements, secrets.";

constexpr const char* kFooter =
    "Numbers are decimal or 0x. Nothing is overwritten without --force.\n"
    "Exit status: 0, a status of liboskbc (see sev-guest-owner(1)), or 64 for a wrong command line.";

class CommandLine {
 public:
  CommandLine() : app_(kAbout, "sev-guest-owner") {
    app_.footer(kFooter);
    app_.set_version_flag("--version", version_text());
    app_.require_subcommand(1);
    // In the order in which they are needed.
    add_keygen_command(app_, chosen_);
    add_image_command(app_, chosen_);
    add_digest_command(app_, chosen_);
    add_verify_chain_command(app_, chosen_);
    add_session_command(app_, chosen_);
    add_measure_command(app_, chosen_);
    add_table_command(app_, chosen_);
    add_secret_command(app_, chosen_);
    add_doctor_command(app_, chosen_);
    add_serve_command(app_, chosen_);
  }

  int run(int argc, char** argv) {
    return run_tool(app_, argc, argv, [this] { return chosen_(); });
  }

 private:
  CLI::App app_;
  Chosen chosen_;
};

}  // namespace
}  // namespace oskbc::tools

int main(int argc, char** argv) { return oskbc::tools::CommandLine().run(argc, argv); }
