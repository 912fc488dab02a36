// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/io.h"
#include "common/json.h"
#include "common/text.h"
#include "owner/keys/keys_file.h"
#include "owner/keys/keysets_file.h"
#include "owner/keys/sealed_keys.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/inputs.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

constexpr const char* kKeysets = "keysets.json";

struct KeysOptions {
  owner::KeysLocation keys{"keys.json", {}};
  std::string keysets;
  std::vector<std::string> ids;
  std::string id;
  std::string other;
  bool loose_modes = false;
  bool json = false;
};

// Of the keysets file or folder that is named, or of the usual one if it is there.
std::vector<KeysetsText> keysets_of(const KeysOptions& options) {
  if (options.keysets.empty() && ::access(kKeysets, F_OK) != 0) return {};
  const std::string path = options.keysets.empty() ? kKeysets : options.keysets;
  return read_keysets_texts(path, options.loose_modes);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + printable(word);
  return text;
}

// Which keysets release a key.
std::map<std::string, std::vector<std::string>> releases(const KeysOptions& options) {
  std::map<std::string, std::vector<std::string>> all;
  for (const auto& [file, text] : keysets_of(options)) {
    for (const auto& [keyset, policy] : owner::parse_keysets(text, file)) {
      if (!policy.allowed_keys) continue;
      for (const std::string& id : *policy.allowed_keys) all[id].push_back(keyset);
    }
  }
  return all;
}

int list(const KeysOptions& options) {
  const owner::KeysFile keys(read_keys(options.keys, options.loose_modes), options.keys.file);
  auto keysets = releases(options);
  std::string lines;
  Json objects = Json::array();
  std::vector<std::string> ids = keys.ids();
  std::ranges::sort(ids);
  for (const std::string& id : ids) {
    const std::size_t size = keys.key(*keys.find(id)).size();
    lines += std::to_string(size) + "\t" + printable(id) + "\t" + joined(keysets[id]) + "\n";
    objects.append(Json::object(
        {{"id", id}, {"length", std::uint64_t{size}}, {"keysets", Json::array_of(keysets[id])}}));
  }
  write_output(options.json ? objects.document() : lines);
  return 0;
}

// What became of the keysets, for people.
std::string write_keysets(const std::string& file, const owner::ChangedKeysets& changed,
                          const std::string& what) {
  if (changed.keysets.empty()) return {};
  owner::replace_keysets_file(file, changed.text);
  return file + ": " + what + " " + joined(changed.keysets) + "\n";
}

// The keysets come first, so that none of them ever names a key that is gone.
int remove(const KeysOptions& options) {
  check_keys_mode(options.keys.file, options.loose_modes);
  owner::check_keys_are_there(options.keys, options.ids);
  std::string said;
  for (const auto& [file, text] : keysets_of(options)) {
    const auto changed = owner::without_keys(text, options.ids);
    said += write_keysets(file, changed, joined(options.ids) + " no longer released by");
  }
  owner::remove_keys(options.keys, options.ids);
  write_output(said + options.keys.file + ": removed " + joined(options.ids) + "\n");
  return 0;
}

// The key comes first, for the same reason.
int rotate(const KeysOptions& options) {
  check_keys_mode(options.keys.file, options.loose_modes);
  const std::vector<KeysetsText> keysets = keysets_of(options);
  const std::string other = owner::add_key_beside(options.keys, options.id, options.other);
  std::string said =
      options.keys.file + ": added " + printable(other) + " beside " + printable(options.id) + "\n";
  for (const auto& [file, text] : keysets) {
    const auto changed = owner::with_key_beside(text, options.id, other);
    said += write_keysets(file, changed, "both are released by");
  }
  write_output(said + "encrypt with " + printable(other) + " from now on; once no image needs " +
               printable(options.id) + ": keys remove " + printable(options.id) + "\n");
  return 0;
}

int seal(const KeysOptions& options) {
  check_keys_mode(options.keys.file, options.loose_modes);
  const bool made = owner::seal_keys_file(options.keys);
  write_output(
      (made ? options.keys.key_file + ": made, the key that opens it; keep it elsewhere\n" : "") +
      options.keys.file + ": encrypted\n");
  return 0;
}

int unseal(const KeysOptions& options) {
  check_keys_mode(options.keys.file, options.loose_modes);
  owner::unseal_keys_file(options.keys);
  write_output(options.keys.file + ": decrypted\n");
  return 0;
}

void add_keys_file(Command& command, KeysOptions& options) {
  command.add_file("--keys", options.keys.file, "The keys file").show_default();
  add_keys_key(command, options.keys.key_file);
  add_allow_loose_modes(command, options.loose_modes);
}

void add_keysets_file(Command& command, KeysOptions& options, const char* about) {
  command.add_file("--keysets", options.keysets, about);
}

void add_sealing(Command& keys, const std::shared_ptr<KeysOptions>& options) {
  const auto needs_key = [options] {
    const bool has_key =
        !options->keys.key_file.empty() || !owner::sealing_key_credential().empty();
    return has_key ? std::vector<std::string>() : std::vector<std::string>{"--keys-key"};
  };
  Command& sealing = keys.add_command("seal", "Encrypt the keys file; its key is made if need be",
                                      [options] { return seal(*options); });
  sealing.also_needs(needs_key);
  add_keys_file(sealing, *options);
  Command& unsealing =
      keys.add_command("unseal", "Decrypt the keys file", [options] { return unseal(*options); });
  unsealing.also_needs(needs_key);
  add_keys_file(unsealing, *options);
}

}  // namespace

void add_keys_command(Command& tool) {
  auto options = std::make_shared<KeysOptions>();
  Command& keys = tool.add_command("keys", "List, rotate, remove and encrypt keys");
  Command& listing = keys.add_command("list", "List ids, lengths and keysets, never keys",
                                      [options] { return list(*options); });
  add_keys_file(listing, *options);
  add_keysets_file(listing, *options, "The keysets that release them; default: keysets.json");
  add_json(listing, options->json);

  Command& rotating =
      keys.add_command("rotate", "Add a new key beside one, allowed wherever that one is",
                       [options] { return rotate(*options); });
  rotating.add_text("ID", options->id, "The key to replace in time").required();
  rotating.add_text("--to", options->other, "The new key's id; default: ID-2, ID-3...")
      .value_name("ID");
  add_keys_file(rotating, *options);
  add_keysets_file(rotating, *options, "The keysets to allow it in; default: keysets.json");

  Command& removing = keys.add_command("remove", "Remove keys, from the keysets too",
                                       [options] { return remove(*options); });
  removing.add_text("ID", options->ids, "The keys' ids").required();
  add_keys_file(removing, *options);
  add_keysets_file(removing, *options, "The keysets that name them; default: keysets.json");
  add_sealing(keys, options);
}

}  // namespace oskbc::tools
