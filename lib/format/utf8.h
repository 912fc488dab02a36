// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"

// UTF-8 (RFC 3629) and JSON's escapes (RFC 8259 section 7).
namespace oskbc::core::utf8 {

[[nodiscard]] constexpr bool is_high_surrogate(unsigned unit) noexcept {
  return unit >= 0xd800 && unit <= 0xdbff;
}

[[nodiscard]] constexpr bool is_low_surrogate(unsigned unit) noexcept {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

// The length of the first character, or 0 if it is cut short, overlong, a surrogate or past
// U+10FFFF.
[[nodiscard]] std::size_t sequence_length(std::string_view text) noexcept;

// Whether all of the text is UTF-8.
[[nodiscard]] bool is_valid(std::string_view text) noexcept;

// Writes a code point and returns its length of one to four bytes.
std::size_t encode(char32_t code_point, ByteSpan out) noexcept;

struct Escape {
  char32_t code_point;
  std::size_t size;  // of the escape in the text: 2, 6 or 12
};

// Reads the escape that `text` starts with. It has been checked before: JsonReader lets no other
// pass.
[[nodiscard]] Escape read_escape(std::string_view text) noexcept;

}  // namespace oskbc::core::utf8
