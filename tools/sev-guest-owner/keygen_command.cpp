// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/keygen_command.h"

#include <memory>
#include <string>
#include <vector>

#include "owner/keys_file.h"

namespace oskbc::tools {
namespace {

struct KeygenOptions {
  std::vector<std::string> ids;
  std::string file = "keys.json";
};

}  // namespace

CLI::App* add_keygen_command(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<KeygenOptions>();
  CLI::App* command =
      add_command(app, chosen, "keygen", "Add random 32-byte keys to a keys file", [options] {
        owner::add_keys(options->file, options->ids);
        return 0;
      });
  command->add_option("ID", options->ids, "The new keys' ids, plain or repository/type/tag")
      ->required();
  command->add_option("-o,--output", options->file, "The keys file; made if it is not there")
      ->type_name("F")
      ->capture_default_str();
  return command;
}

}  // namespace oskbc::tools
