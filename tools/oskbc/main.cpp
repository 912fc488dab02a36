// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <string>

#include "common/command_line.h"
#include "oskbc/commands.h"

namespace oskbc::tools {
namespace {

constexpr const char* kAbout =
    "Reads the keyset that was injected into this SEV guest and unwraps image layer keys with it.";

constexpr const char* kFooter =
    "A keyset can be opened once per boot, because reading removes it; --keep-secret leaves it in place.\n"
    "Exit status: 0, a status of liboskbc (see oskbc(1)), or 64 for a wrong command line.";

class CommandLine {
 public:
  CommandLine() : app_(kAbout, "oskbc") {
    app_.footer(kFooter);
    app_.set_version_flag("--version", version());
    // None is reported by run(), so that an unknown one is reported as such.
    app_.require_subcommand(0, 1);
    // The global options may also stand behind the command.
    app_.fallthrough();
    add_global_options();
    add_commands();
  }

  int run(int argc, char** argv) {
    return run_tool(app_, argc, argv, [this] {
      if (!chosen_) throw CLI::RequiredError("A command");
      return chosen_();
    });
  }

 private:
  static std::string version() { return std::string("oskbc ") + oskbc_version(); }

  void add_global_options() {
    app_.add_option("--root", settings_.root,
                    "Let DIR stand for /: a fake tree; leaves the kernel alone")
        ->type_name("DIR");
    app_.add_option("--guid", settings_.guid, "Read another entry than the keyset's")
        ->type_name("GUID");
    app_.add_flag("--keep-secret", settings_.keep_secret,
                  "Leave the secret in place after reading");
    app_.add_flag("--no-kernel", settings_.no_kernel, "Neither mount securityfs nor load a module");
    app_.add_option("--params", settings_.params, "The agent's aa_kbc_params")
        ->type_name("P")
        ->capture_default_str();
  }

  CLI::App* add_command(const char* name, const char* about, std::function<int()> command) {
    CLI::App* added = app_.add_subcommand(name, about);
    added->set_version_flag("--version", version());
    added->callback([this, command = std::move(command)] { chosen_ = command; });
    return added;
  }

  void add_commands() {
    CLI::App* unwrap = add_command("unwrap", "Unwrap a packet; plain options to standard output",
                                   [this] { return tools::unwrap(settings_, file_, force_); });
    unwrap->add_option("FILE", file_,
                       "The packet's JSON, or base64 of it; default: standard input");
    add_force(unwrap);
    add_command("keyprovider", "Answer one ocicrypt key provider request on standard input",
                [this] { return tools::keyprovider(settings_); });
    CLI::App* resource = add_command("resource", "Write a resource's bytes to standard output",
                                     [this] { return tools::resource(settings_, uri_, force_); });
    resource->add_option("URI", uri_, "An entry's id, or kbs://[host]/repository/type/tag")
        ->required();
    add_force(resource);
    add_json(add_command("list", "List the keyset's ids and lengths, never keys",
                         [this] { return tools::list(settings_, json_); }));
    add_json(add_command("doctor", "Check every link from the kernel to the keyset",
                         [this] { return tools::doctor(settings_, json_); }));
  }

  void add_force(CLI::App* command) {
    command->add_flag("--force", force_, "Write a secret to a terminal too");
  }
  void add_json(CLI::App* command) { command->add_flag("--json", json_, "Write JSON"); }

  CLI::App app_;
  Settings settings_;
  std::function<int()> chosen_;
  std::string file_ = "-";
  std::string uri_;
  bool force_ = false;
  bool json_ = false;
};

}  // namespace
}  // namespace oskbc::tools

int main(int argc, char** argv) { return oskbc::tools::CommandLine().run(argc, argv); }
