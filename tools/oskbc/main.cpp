// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "client/client.h"
#include "common/command_line.h"
#include "oskbc/commands.h"
#include "source/secret_paths.h"

namespace oskbc::tools {
namespace {

constexpr const char* kAbout =
    "Reads the keyset that was injected into this SEV guest and unwraps image layer keys with it.";

constexpr const char* kFooter =
    "A keyset can be opened once per boot, because unwrap, keyprovider, resource and export remove it; an agent keeps it for all (--agent), and --keep-secret leaves it in place.\n"
    "Exit status: 0, a status of liboskbc (see oskbc(1)), or 64 for a wrong command line.";

void check_guid(const std::string& text) { core::ClientOptions().set_secret_guid(text); }

class CommandLine {
 public:
  CommandLine() {
    tool_.footer(kFooter);
    tool_.version(std::string("oskbc ") + oskbc_version());
    tool_.take_options_anywhere();
    add_global_options();
    add_commands();
  }

  int run(int argc, char** argv) { return run_tool(tool_, argc, argv); }

 private:
  void add_global_options() {
    tool_.add_folder("--root", checked("--root", settings_.root, core::resolve_root),
                     "Let DIR stand for /: a fake tree; leaves the kernel alone");
    tool_
        .add_text("--guid", checked("--guid", settings_.guid, check_guid),
                  "Read the entry with this GUID instead of the keyset's")
        .value_name("GUID");
    tool_.add_flag("--keep-secret", settings_.keep_secret,
                   "Leave the secret in place after reading");
    tool_.add_flag("--no-kernel", settings_.no_kernel,
                   "Neither mount securityfs nor load a module");
    tool_
        .add_text("--params", settings_.params,
                  std::string("The agent's aa_kbc_params; default: ") + kUsualParams)
        .value_name("P");
    tool_
        .add_text("--agent", settings_.agent,
                  "Ask the agent that runs there, and open nothing: unix:///PATH")
        .value_name("SOCKET");
  }

  void add_commands() {
    Command& unwrap =
        tool_.add_command("unwrap", "Unwrap a packet; plain options to standard output",
                          [this] { return tools::unwrap(settings_, file_, force_); });
    unwrap.add_file("FILE", file_, "The packet's JSON, or base64 of it; default: standard input");
    add_force(unwrap);
    tool_.add_command("keyprovider", "Answer one ocicrypt key provider request on standard input",
                      [this] { return tools::keyprovider(settings_); });
    Command& resource =
        tool_.add_command("resource", "Write a resource's bytes to standard output",
                          [this] { return tools::resource(settings_, uri_, force_); });
    resource.add_text("URI", uri_, "An entry's id, or kbs://[host]/repository/type/tag").required();
    add_force(resource);
    Command& list = tool_.add_command("list", "List the keyset's ids and lengths, never keys",
                                      [this] { return tools::list(settings_, json_, consume_); });
    list.add_flag("--consume", consume_, "Remove the keyset from the kernel, as other commands do");
    add_json(list);
    add_json(tool_.add_command("doctor",
                               "Check every link from the kernel to the keyset; removes nothing",
                               [this] { return tools::doctor(settings_, json_); }));
    add_export();
  }

  void add_export() {
    Command& command = tool_.add_command(
        "export", "Write entries into a file for a confidential data hub beside this guest's agent",
        [this] { return export_entries(settings_, export_); });
    command.add_file("--offline-fs-kbc", export_.file, "The file, in memory: on tmpfs or ramfs")
        .required();
    command.add_flag("--unsafe-any-filesystem", export_.any_filesystem,
                     "Write it wherever it is, to a disk too");
    command.add_text("ID", export_.ids, "The entries; default: all");
  }

  void add_force(Command& command) {
    command.add_flag("--force", force_, "Write a secret to a terminal too");
  }
  void add_json(Command& command) { command.add_flag("--json", json_, "Write JSON"); }

  Command tool_{"oskbc", kAbout};
  Settings settings_;
  std::string file_ = "-";
  std::string uri_;
  bool force_ = false;
  bool json_ = false;
  bool consume_ = false;
  Export export_;
};

}  // namespace
}  // namespace oskbc::tools

int main(int argc, char** argv) { return oskbc::tools::CommandLine().run(argc, argv); }
