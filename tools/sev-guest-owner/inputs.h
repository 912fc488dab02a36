// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

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

// The text of a keysets file, which is right. Throws what check_mode() and parse_keysets() throw.
[[nodiscard]] std::string read_keysets_text(const std::string& file, bool allow_loose_modes);

// One of a keysets file's keysets; warns of what it allows. Throws what check_mode() and
// read_keysets_file() throw.
[[nodiscard]] owner::KeysetPolicy read_keyset(const std::string& file, const std::string& id,
                                              bool allow_loose_modes);

}  // namespace oskbc::tools
