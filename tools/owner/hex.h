// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

// Hexadecimal text of what is no secret.
namespace oskbc::owner {

[[nodiscard]] inline std::string to_hex(core::ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0fU];
  }
  return text;
}

// Both cases; nothing before, between or after the digits.
[[nodiscard]] inline std::optional<core::Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  core::Bytes bytes;
  unsigned value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!digit && !letter) return std::nullopt;
    const auto code = static_cast<unsigned char>(c);
    value = value << 4 | (digit ? code & 0x0fU : (code & 0x0fU) + 9U);
    if (i % 2 == 1) bytes.push_back(static_cast<std::uint8_t>(value & 0xffU));
  }
  return bytes;
}

}  // namespace oskbc::owner
