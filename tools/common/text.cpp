// SPDX-License-Identifier: Apache-2.0
#include "common/text.h"

namespace oskbc::tools {
namespace {

void append_hex(std::string& text, unsigned byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  text += kDigits[byte >> 4];
  text += kDigits[byte & 0x0fU];
}

std::optional<unsigned> digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::string to_hex(core::ByteView bytes) {
  std::string text;
  for (const unsigned byte : bytes) append_hex(text, byte);
  return text;
}

std::optional<core::Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  core::Bytes bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digit_value(text[i]);
    const auto low = digit_value(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
  }
  return bytes;
}

LineAndColumn line_and_column(std::string_view text, std::size_t byte) noexcept {
  LineAndColumn position;
  for (const char c : text.substr(0, byte)) {
    ++position.column;
    if (c == '\n') position = {position.line + 1, 1};
  }
  return position;
}

std::string position_in(const std::string& file, std::string_view text, std::size_t byte) {
  const LineAndColumn position = line_and_column(text, byte);
  return file + ", line " + std::to_string(position.line) + ", column " +
         std::to_string(position.column);
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else {
      out += "\\x";
      append_hex(out, byte);
    }
  }
  return out;
}

}  // namespace oskbc::tools
