// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "base/secret_bytes.h"
#include "base/status.h"

// Input and output of the tools: with read(2) and write(2), because a stream's buffer keeps a copy.
namespace oskbc::tools {

// Reads a file, or standard input for "-", to its end. Throws Status::io with the absolute path
// that was tried, or `too_long` if there are more than `limit` bytes.
[[nodiscard]] core::SecretBytes read_input(const std::string& file, std::size_t limit,
                                           core::Status too_long);

// The same for a regular file alone: where waiting for a FIFO's writer would hang somebody else.
[[nodiscard]] core::SecretBytes read_file(const std::string& file, std::size_t limit,
                                          core::Status too_long);

// For messages, because a relative path says little where the working directory is another's
// choice.
[[nodiscard]] std::string absolute_path(const std::string& file);

// Writes everything to standard output. Throws Status::io.
void write_output(core::ByteView bytes);
void write_output(std::string_view text);

// Throws Status::argument if standard output is a terminal: secrets don't belong into its
// scrollback.
void refuse_terminal();

}  // namespace oskbc::tools
