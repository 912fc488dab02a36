// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "common/io.h"
#include "common/text.h"
#include "owner/keys/keys_file.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/inputs.h"

namespace oskbc::tools {
namespace {

struct KeygenOptions {
  std::vector<std::string> ids;
  owner::KeysLocation keys{"keys.json", {}};
  bool loose_modes = false;
};

int keygen(const KeygenOptions& options) {
  check_keys_mode(options.keys.file, options.loose_modes);
  owner::add_keys(options.keys, options.ids);
  std::string text;
  for (const std::string& id : options.ids) text += (text.empty() ? "" : ", ") + printable(id);
  write_output(options.keys.file + ": added " + text + "\n");
  return 0;
}

}  // namespace

void add_keygen_command(Command& tool) {
  auto options = std::make_shared<KeygenOptions>();
  Command& command = tool.add_command("keygen", "Add random 32-byte keys to a keys file",
                                      [options] { return keygen(*options); });
  command.add_text("ID", options->ids, "The new keys' ids, plain or repository/type/tag")
      .required();
  command.add_file("-o,--output", options->keys.file, "The keys file; made if it is not there")
      .show_default();
  add_keys_key(command, options->keys.key_file);
  add_allow_loose_modes(command, options->loose_modes);
}

}  // namespace oskbc::tools
