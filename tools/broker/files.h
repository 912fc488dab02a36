// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/secret_bytes.h"

// Files of which the broker makes sure before it trusts them.
namespace oskbc::broker {

// Files that only their owner may read and write. Makes an empty one with mode 0600 if there is
// none. Throws Status::argument for a file that others may read or write, which a copy can have
// brought about, and Status::io.
void make_private_file(const std::string& file);

// Throws Status::argument if there are more than `limit` bytes, or if others may read or write it.
[[nodiscard]] core::SecretBytes read_private_file(const std::string& file, std::size_t limit);

// SHA-256 of a file, in hexadecimal, as sha256sum(1) prints it. "" for what can be read once only,
// as a pipe. Throws Status::io.
[[nodiscard]] std::string content_digest(const std::string& file);

}  // namespace oskbc::broker
