// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/secret_bytes.h"
#include "common/command_line.h"
#include "owner/keys/keys_file.h"
#include "owner/keys/keyset_policy.h"

// The owner's own files, whose modes count, and what is to be said about them.
namespace oskbc::tools {

// A line on standard error.
void warn(const std::string& text);

// `--allow-loose-modes`, for what reads keys and keysets.
Option& add_allow_loose_modes(Command& command, bool& allow);

// Refuses a keys file that others may write to, and warns of one that they may read.
void check_keys_mode(const std::string& file, bool allow_loose_modes);

// `--keys-key`, for what reads keys that may be encrypted.
Option& add_keys_key(Command& command, std::string& file);

// The text of a keys file, decrypted. Throws what check_mode() and owner::read_keys_file() throw.
[[nodiscard]] core::SecretBytes read_keys(const owner::KeysLocation& keys, bool allow_loose_modes);

// Looks at the modes of a keysets file, or of a folder and its keysets files. Throws what
// check_mode() and keysets_files() throw.
void check_keysets_modes(const std::string& path, bool allow_loose_modes);

struct KeysetsText {
  std::string file;
  std::string text;
};
// The text of a keysets file, or of each in a folder, which are right. Throws what
// check_keysets_modes() and read_keysets_file() throw.
[[nodiscard]] std::vector<KeysetsText> read_keysets_texts(const std::string& path,
                                                          bool allow_loose_modes);

// One of a keysets file's keysets; warns of what it allows. Throws what check_keysets_modes() and
// read_keysets_file() throw.
[[nodiscard]] owner::KeysetPolicy read_keyset(const std::string& file, const std::string& id,
                                              bool allow_loose_modes);

}  // namespace oskbc::tools
