// SPDX-License-Identifier: Apache-2.0
#include "format/utf8.h"

#include <cstdint>

namespace oskbc::core::utf8 {
namespace {

constexpr bool is_between(unsigned char c, unsigned char low, unsigned char high) {
  return c >= low && c <= high;
}

// The shortest-form and surrogate rules narrow the second byte only (RFC 3629 section 4).
constexpr bool is_second_byte(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xe0:
      return is_between(second, 0xa0, 0xbf);
    case 0xed:
      return is_between(second, 0x80, 0x9f);
    case 0xf0:
      return is_between(second, 0x90, 0xbf);
    case 0xf4:
      return is_between(second, 0x80, 0x8f);
    default:
      return is_between(second, 0x80, 0xbf);
  }
}

constexpr std::size_t length_by_first_byte(unsigned char first) {
  if (first < 0x80) return 1;
  if (is_between(first, 0xc2, 0xdf)) return 2;
  if (is_between(first, 0xe0, 0xef)) return 3;
  if (is_between(first, 0xf0, 0xf4)) return 4;
  return 0;
}

char32_t hex_unit(std::string_view digits) {
  char32_t unit = 0;
  for (const char digit : digits.substr(0, 4)) {
    const auto c = static_cast<unsigned char>(digit);
    // The low four bits of a letter start at 1 in either case.
    unit = unit << 4 | (c <= '9' ? c & 0x0fU : (c & 0x0fU) + 9U);
  }
  return unit;
}

char32_t simple_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return static_cast<unsigned char>(c);
  }
}

}  // namespace

std::size_t sequence_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = length_by_first_byte(first);
  if (length > text.size()) return 0;
  if (length > 1 && !is_second_byte(first, static_cast<unsigned char>(text[1]))) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_between(static_cast<unsigned char>(text[i]), 0x80, 0xbf)) return 0;
  }
  return length;
}

bool is_valid(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t encode(char32_t code_point, ByteSpan out) noexcept {
  const auto tail = [code_point](unsigned shift) {
    return static_cast<std::uint8_t>(0x80 | (code_point >> shift & 0x3f));
  };
  if (code_point < 0x80) {
    out[0] = static_cast<std::uint8_t>(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    out[0] = static_cast<std::uint8_t>(0xc0 | code_point >> 6);
    out[1] = tail(0);
    return 2;
  }
  if (code_point < 0x10000) {
    out[0] = static_cast<std::uint8_t>(0xe0 | code_point >> 12);
    out[1] = tail(6);
    out[2] = tail(0);
    return 3;
  }
  out[0] = static_cast<std::uint8_t>(0xf0 | code_point >> 18);
  out[1] = tail(12);
  out[2] = tail(6);
  out[3] = tail(0);
  return 4;
}

Escape read_escape(std::string_view text) noexcept {
  if (text[1] != 'u') return {simple_escape(text[1]), 2};
  const char32_t unit = hex_unit(text.substr(2));
  if (!is_high_surrogate(unit)) return {unit, 6};
  const char32_t low = hex_unit(text.substr(8));
  return {0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00)), 12};
}

}  // namespace oskbc::core::utf8
