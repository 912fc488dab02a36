// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "owner/keys/keys_file.h"
#include "sev-guest-owner/commands.h"

namespace oskbc::tools {
namespace {

struct KeygenOptions {
  std::vector<std::string> ids;
  std::string file = "keys.json";
};

}  // namespace

void add_keygen_command(Command& tool) {
  auto options = std::make_shared<KeygenOptions>();
  Command& command =
      tool.add_command("keygen", "Add random 32-byte keys to a keys file", [options] {
        owner::add_keys(options->file, options->ids);
        return 0;
      });
  command.add_text("ID", options->ids, "The new keys' ids, plain or repository/type/tag")
      .required();
  command.add_file("-o,--output", options->file, "The keys file; made if it is not there")
      .show_default();
}

}  // namespace oskbc::tools
