// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/inputs.h"

#include <cstdio>

#include "common/file_trust.h"

namespace oskbc::tools {
namespace {

void check(const std::string& file, Holds holds, bool allow_loose_modes) {
  const std::string warning = check_mode(file, holds, allow_loose_modes);
  if (!warning.empty()) warn(warning);
}

}  // namespace

void warn(const std::string& text) {
  std::fprintf(stderr, "sev-guest-owner: warning: %s\n", text.c_str());
}

Option& add_allow_loose_modes(Command& command, bool& allow) {
  return command.add_flag("--allow-loose-modes", allow,
                          "Read keys and keysets that others may write to");
}

void check_keys_mode(const std::string& file, bool allow_loose_modes) {
  check(file, Holds::keys, allow_loose_modes);
}

Option& add_keys_key(Command& command, std::string& file) {
  return command.add_file("--keys-key", file,
                          "The key of a keys file that is encrypted: 32 bytes, raw or base64");
}

core::SecretBytes read_keys(const owner::KeysLocation& keys, bool allow_loose_modes) {
  check_keys_mode(keys.file, allow_loose_modes);
  return owner::read_keys_file(keys);
}

void check_keysets_modes(const std::string& path, bool allow_loose_modes) {
  check(path, Holds::decisions, allow_loose_modes);
  for (const std::string& file : owner::keysets_files(path)) {
    if (file != path) check(file, Holds::decisions, allow_loose_modes);
  }
}

std::vector<KeysetsText> read_keysets_texts(const std::string& path, bool allow_loose_modes) {
  check_keysets_modes(path, allow_loose_modes);
  // All of them, because no keyset may be in two.
  static_cast<void>(owner::read_keysets_file(path));
  std::vector<KeysetsText> texts;
  for (const std::string& file : owner::keysets_files(path)) {
    texts.push_back({file, owner::read_keysets_text(file)});
  }
  return texts;
}

owner::KeysetPolicy read_keyset(const std::string& file, const std::string& id,
                                bool allow_loose_modes) {
  check_keysets_modes(file, allow_loose_modes);
  owner::KeysetPolicy keyset = owner::read_keysets_file(file, id);
  for (const std::string& warning : owner::warnings(keyset, id)) warn(warning);
  return keyset;
}

}  // namespace oskbc::tools
