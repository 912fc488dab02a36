// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

// Base64 of RFC 4648 section 4 in its only canonical form: standard alphabet, padded, no loose
// bits, no line breaks. Neither direction branches on, or indexes by, what is encoded.
namespace oskbc::core::base64 {

// How many characters of `text` are padding. That tells the length, which is no secret and may be
// branched on.
[[nodiscard]] inline std::size_t padding(std::string_view text) noexcept {
  if (text.empty() || text.back() != '=') return 0;
  return text[text.size() - 2] == '=' ? 2 : 1;
}

// The length of what `text` decodes to; nothing if no base64 has this length.
[[nodiscard]] inline std::optional<std::size_t> decoded_size(std::string_view text) noexcept {
  if (text.size() % 4 != 0) return std::nullopt;
  return text.size() / 4 * 3 - padding(text);
}

// Decodes into exactly decoded_size() bytes. False if `out` has another length, which is then left
// alone, or if `text` is not canonical; `out` is then wiped.
[[nodiscard]] bool decode(std::string_view text, ByteSpan out) noexcept;

// For what is no secret.
[[nodiscard]] std::optional<Bytes> decode(std::string_view text);

// What decode() does with a text that is shorter than a block (base64_blocks.h), and the plain way
// for one of any length, which tests hold the blocks against. `out` has decoded_size() bytes, which
// are the caller's to wipe if the text is refused.
[[nodiscard]] bool decode_plainly(std::string_view text, ByteSpan out) noexcept;

[[nodiscard]] constexpr std::size_t encoded_size(std::size_t size) noexcept {
  return (size + 2) / 3 * 4;
}

// Writes exactly encoded_size() characters.
void encode(ByteView bytes, std::span<char> out) noexcept;

// For what is no secret.
[[nodiscard]] std::string encode(ByteView bytes);

}  // namespace oskbc::core::base64
