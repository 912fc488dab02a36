// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
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

// Reads what is no secret in blocks, so that nothing of ours bounds its size: a file, or standard
// input for "-". Throws Status::io with the absolute path that was tried.
using TakeBlock = std::function<void(core::ByteView)>;
void read_blocks(const std::string& file, const TakeBlock& take);
// Reads an open file from its position; `name` is for messages.
void read_blocks(int fd, const std::string& name, const TakeBlock& take);

// The file of a credential that the service manager gives this program (LoadCredential=,
// systemd.exec(5)); "" if it gives none.
[[nodiscard]] std::string credential_file(const std::string& name);

// A file that holds bytes as they are, or base64 of them in lines of any length: QEMU and libvirt
// want base64 where AMD's tools write bytes. A file that is text throughout is base64. That is safe
// for what does not look like text: SEV's certificates and secret tables both have other bytes in
// their first eight. Throws Status::io, or Status::argument for more than `limit` bytes and for
// text that is not base64.
[[nodiscard]] core::SecretBytes read_binary_or_base64(const std::string& file, std::size_t limit);
// The same for what did not come from a file; `name` is for messages.
[[nodiscard]] core::SecretBytes binary_or_base64(core::SecretBytes input, const std::string& name);

// For messages: a relative path says little where somebody else chose the working directory.
[[nodiscard]] std::string absolute_path(const std::string& file);

// Writes everything to standard output. Throws Status::io.
void write_output(core::ByteView bytes);
void write_output(std::string_view text);
// How many bytes that were so far.
[[nodiscard]] std::size_t output_size() noexcept;

// Throws Status::argument if standard output is a terminal: secrets don't belong into its
// scrollback.
void refuse_terminal();

}  // namespace oskbc::tools
