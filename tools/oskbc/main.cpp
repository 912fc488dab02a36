// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "client/client.h"
#include "common/agent_config.h"
#include "common/command_line.h"
#include "oskbc/commands.h"
#include "source/secret_paths.h"
#include "ttrpc/services.h"

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
    add_disks();
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

  void add_disks() {
    Command& check = tool_.add_command(
        "luks-check", "Check a LUKS2 disk's header before its passphrase is given; changes nothing",
        [this] {
          luks_check_.root = settings_.root;
          return tools::luks_check(luks_check_);
        });
    luks::Wanted& header = luks_check_.header;
    Option& device = check.add_file("DEVICE", luks_check_.device, "The disk, or its header's copy");
    Option& uuid =
        check.add_text("--uuid", checked("--uuid", header.uuid, luks::check_uuid), "Its UUID")
            .value_name("UUID");
    Option& cipher =
        check
            .add_text("--cipher", checked("--cipher", header.cipher, luks::check_cipher),
                      "Its cipher, such as aes-xts-plain64")
            .value_name("CIPHER");
    device.needs(uuid).needs(cipher);
    check
        .add_text("--keyslot-cipher",
                  checked("--keyslot-cipher", header.keyslot_cipher, luks::check_cipher),
                  "The keyslots' cipher; default: the disk's")
        .value_name("CIPHER")
        .needs(device);
    check
        .add_number("--key-size", header.key_bits,
                    "The volume's key in bits; default: 512 with XTS, else 256")
        .needs(device);
    check.add_text("--integrity", header.integrity, "Its integrity, such as hmac-sha256")
        .show_default()
        .needs(device);
    check
        .add_file("--copy-header", luks_check_.copy,
                  "Leave what was checked in this file in memory, for cryptsetup --header")
        .needs(device);
    Option& volume =
        check.add_text("--volume", luks_check_.volume, "A volume of the agent's configuration")
            .value_name("NAME")
            .excludes(device);
    check.add_flag("--every-volume", luks_check_.every_volume, "All of them, before any is opened")
        .excludes(device)
        .excludes(volume);
    check.add_file("--config", luks_check_.config,
                   "The agent's configuration; default: " + std::string(kAgentConfigFile));
    check.also_needs([this]() -> std::vector<std::string> {
      const bool any = !luks_check_.device.empty() || !luks_check_.volume.empty();
      if (any || luks_check_.every_volume) return {};
      return {"DEVICE, --volume or --every-volume"};
    });
    Command& passphrase = tool_.add_command(
        "disk-passphrase", "Write a disk's passphrase to standard output, for cryptsetup",
        [this] { return tools::disk_passphrase(volume_, credential_sock_, force_); });
    passphrase.add_text("VOLUME", volume_, "Its name in crypttab(5)").required();
    passphrase
        .add_text("--credential-sock",
                  checked("--credential-sock", credential_sock_, credential_path),
                  "The agent's socket")
        .value_name("ADDRESS")
        .show_default();
    add_force(passphrase);
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
  LuksCheck luks_check_;
  std::string volume_;
  std::string credential_sock_ = "unix://" + std::string(ttrpc::kCredentialSocket);
};

}  // namespace
}  // namespace oskbc::tools

int main(int argc, char** argv) { return oskbc::tools::CommandLine().run(argc, argv); }
