// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "base/secret_bytes.h"

// Files that hold bytes as they are or base64 of them, told by their content: QEMU and libvirt want
// base64 where AMD's tools write bytes. Standard input is "-".
namespace oskbc::owner {

// A file that is text throughout is base64, in lines of any length. That is safe for what does not
// look like text: SEV's certificates and secret tables both have other bytes in their first eight.
// Throws Status::io, or Status::argument for more than `limit` bytes and for text that is not
// base64.
[[nodiscard]] core::SecretBytes read_binary_or_base64(const std::string& file, std::size_t limit);

// The same for what did not come from a file; `name` is for messages.
[[nodiscard]] core::SecretBytes binary_or_base64(core::SecretBytes input, const std::string& name);

// A TEK or TIK; `name` is for messages. 16 bytes are the key itself, whatever they look like.
[[nodiscard]] core::SecretBytes read_transport_key(const std::string& file, const char* name);

}  // namespace oskbc::owner
