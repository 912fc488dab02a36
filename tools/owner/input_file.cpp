// SPDX-License-Identifier: Apache-2.0
#include "owner/input_file.h"

#include <algorithm>

#include "base/status.h"
#include "common/io.h"
#include "format/base64.h"
#include "owner/session.h"

namespace oskbc::owner {
namespace {

using core::SecretBytes;
using core::Status;

bool is_space(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_text(core::ByteView bytes) {
  return !bytes.empty() && std::ranges::all_of(bytes, [](std::uint8_t c) {
    return is_space(c) || (c > 0x20 && c < 0x7f);
  });
}

SecretBytes without_space(core::ByteView text) {
  SecretBytes kept(text.size());
  const auto end = std::ranges::remove_copy_if(text, kept.expose_writable().begin(), is_space).out;
  kept.resize(static_cast<std::size_t>(end - kept.expose_writable().begin()));
  return kept;
}

SecretBytes decode(const SecretBytes& text, const std::string& name) {
  const SecretBytes kept = without_space(text.expose());
  SecretBytes bytes(core::base64::decoded_size(kept.expose_text()).value_or(0));
  if (bytes.empty() || !core::base64::decode(kept.expose_text(), bytes.expose_writable())) {
    core::fail(Status::argument, "%s: this is text, but not base64", name.c_str());
  }
  return bytes;
}

}  // namespace

SecretBytes binary_or_base64(SecretBytes input, const std::string& name) {
  return is_text(input.expose()) ? decode(input, name) : std::move(input);
}

SecretBytes read_binary_or_base64(const std::string& file, std::size_t limit) {
  // As much again for base64, and for its line ends.
  SecretBytes bytes = binary_or_base64(tools::read_input(file, 2 * limit, Status::argument), file);
  if (bytes.size() > limit) {
    core::fail(Status::argument, "%s: more than %zu bytes", file.c_str(), limit);
  }
  return bytes;
}

SecretBytes read_transport_key(const std::string& file, const char* name) {
  constexpr std::size_t kLimit = 64;
  SecretBytes input = tools::read_input(file, kLimit, Status::argument);
  if (input.size() == kTransportKeySize) return input;
  input = binary_or_base64(std::move(input), file);
  if (input.size() != kTransportKeySize) {
    core::fail(Status::argument, "%s: a %s has %zu bytes, this has %zu", file.c_str(), name,
               kTransportKeySize, input.size());
  }
  return input;
}

}  // namespace oskbc::owner
