// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/status.h"
#include "client/sealed_keyset.h"
#include "common/io.h"
#include "common/json.h"
#include "common/text.h"
#include "crypto/keyset_file_cipher.h"
#include "owner/keys/keys_file.h"
#include "owner/keys/keyset_file.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/inputs.h"
#include "sev-guest-owner/keyset_file.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

struct KeysetOptions {
  owner::KeysLocation keys{"keys.json", {}};
  std::vector<std::string> ids;
  std::string output;
  std::string file;
  bool new_key = false;
  bool loose_modes = false;
  bool force = false;
  bool json = false;
};

int seal(const KeysetOptions& options) {
  check_keys_mode(options.keys.file, options.loose_modes);
  const owner::SealedKeysetFile sealed = owner::seal_keyset_file(
      options.keys, options.ids, options.output, options.new_key, options.force);
  const std::string key(core::kFileKeyId);
  const std::string digest(core::kFileDigestId);
  write_output(options.output + ": keys: " + std::to_string(sealed.keys) + ", bytes: " +
               std::to_string(sealed.bytes) + "; the guest looks for it at " + core::kKeysetFile +
               "\n" + options.keys.file + ": " + key + (sealed.made_key ? " is new" : " is kept") +
               ", " + digest + " is this file's; inject these two\n");
  return 0;
}

int show(const KeysetOptions& options) {
  const owner::KeysFile keys(read_keys(options.keys, options.loose_modes), options.keys.file);
  const core::Keyset keyset = open_keyset_file(options.file, keys);
  std::string lines;
  Json objects = Json::array();
  for (std::size_t i = 0; i < keyset.size(); ++i) {
    const std::string id(keyset.id(i));
    const std::size_t size = keyset.expose_value(i).size();
    lines += std::to_string(size) + "\t" + printable(id) + "\n";
    objects.append(Json::object({{"id", id}, {"length", std::uint64_t{size}}}));
  }
  write_output(options.json ? objects.document() : lines);
  return 0;
}

void add_keys_file(Command& command, KeysetOptions& options, const char* about) {
  command.add_file("--keys", options.keys.file, about).show_default();
  add_keys_key(command, options.keys.key_file);
  add_allow_loose_modes(command, options.loose_modes);
}

}  // namespace

core::Keyset open_keyset_file(const std::string& file, const owner::KeysFile& keys) {
  core::SecretBytes text = read_input(file, core::limits::kKeysetFile, core::Status::keyset);
  const core::SecretBytes key = keys.value(std::string(core::kFileKeyId));
  const core::SecretBytes digest = keys.value(std::string(core::kFileDigestId));
  const core::CipherProvider provider;
  const bool promised = std::ranges::equal(core::sha256(provider, text.expose()), digest.expose());
  return core::open_sealed_keyset(provider, key.expose(), std::move(text), promised);
}

void add_keyset_command(Command& tool) {
  auto options = std::make_shared<KeysetOptions>();
  Command& keyset = tool.add_command(
      "keyset",
      "Encrypt keys into a file for the guest, for those that the secret area has no room for");
  Command& sealing = keyset.add_command(
      "seal", "Encrypt keys into a file; its key and digest go into the keys file",
      [options] { return seal(*options); });
  sealing.add_text("ID", options->ids, "The keys' ids; default: all but the file's own two");
  add_keys_file(sealing, *options, "The keys file");
  sealing.add_file("-o,--output", options->output, "The file for the guest").required();
  sealing.add_flag("--new-key", options->new_key,
                   "Make a new key for the file, too, so that the old one opens it no more");
  add_force(sealing, options->force);

  Command& shown = keyset.add_command("show", "List a file's ids and lengths, never keys",
                                      [options] { return show(*options); });
  shown.add_file("F", options->file, "The file, or - for standard input").required();
  add_keys_file(shown, *options, "The keys file that has its key and digest");
  add_json(shown, options->json);
}

}  // namespace oskbc::tools
