// SPDX-License-Identifier: Apache-2.0
#include "format/json_reader.h"

#include <cstring>

#include "base/limits.h"
#include "format/utf8.h"

namespace oskbc::core {
namespace {

constexpr bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

// The value of a hexadecimal digit, or 16.
constexpr unsigned hex_value(unsigned char c) {
  if (is_digit(c)) return c - '0' + 0U;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10U;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10U;
  return 16;
}

}  // namespace

void JsonReader::malformed(const char* why) const {
  fail(status_, "the %s is malformed at byte %zu: %s", what_, position_, why);
}

bool JsonReader::enter(char open, char close) {
  expect(open, open == '{' ? "an object is needed" : "an array is needed");
  if (peek() != close) return true;
  ++position_;
  return false;
}

// What has escapes, is not ASCII, or is malformed.
JsonString JsonReader::rest_of_string(std::size_t start) {
  bool escaped = false;
  for (; current() != '"'; position_ = plain_end(text_, position_)) {
    // The end of the text reads as NUL, so it ends here too.
    if (current() < ' ')
      malformed(at_end() ? "a string has no end" : "a control character in a string");
    if (current() == '\\') {
      escaped = true;
      skip_escape();
    } else {
      skip_utf8();
    }
  }
  return {text_.substr(start, position_++ - start), escaped};
}

void JsonReader::skip_utf8() {
  const std::size_t length = utf8::sequence_length(text_.substr(position_));
  if (length == 0) malformed("not UTF-8");
  position_ += length;
}

void JsonReader::skip_escape() {
  ++position_;
  if (current() != 'u') {
    if (at_end() ||
        std::string_view("\"\\/bfnrt").find(text_[position_]) == std::string_view::npos) {
      malformed("an unknown escape");
    }
    ++position_;
    return;
  }
  ++position_;
  const unsigned unit = hex_quad();
  if (utf8::is_low_surrogate(unit)) malformed("half of a surrogate pair");
  if (!utf8::is_high_surrogate(unit)) return;
  if (text_.substr(position_, 2) != "\\u") malformed("half of a surrogate pair");
  position_ += 2;
  if (!utf8::is_low_surrogate(hex_quad())) malformed("half of a surrogate pair");
}

unsigned JsonReader::hex_quad() {
  unsigned value = 0;
  for (int i = 0; i < 4; ++i, ++position_) {
    const unsigned digit = hex_value(current());
    if (digit > 15) malformed("four hexadecimal digits are needed");
    value = value << 4 | digit;
  }
  return value;
}

std::uint8_t JsonReader::byte() {
  if (!is_digit(static_cast<unsigned char>(peek()))) malformed("a number from 0 to 255 is needed");
  const std::size_t start = position_;
  unsigned value = 0;
  for (; is_digit(current()) && value <= 255; ++position_)
    value = value * 10 + (current() - '0' + 0U);
  const bool leading_zero = position_ - start > 1 && text_[start] == '0';
  const unsigned char after = current();
  const bool fraction = after == '.' || after == 'e' || after == 'E';
  if (value > 255 || leading_zero || fraction) malformed("a number from 0 to 255 is needed");
  return static_cast<std::uint8_t>(value);
}

bool JsonReader::null() {
  if (peek() != 'n') return false;
  skip_literal("null");
  return true;
}

void JsonReader::skip_value() { skip_nested(0); }

void JsonReader::skip_nested(int depth) {
  switch (peek()) {
    case '{':
    case '[':
      return skip_container(depth + 1);
    case '"':
      string();
      return;
    case 't':
      return skip_literal("true");
    case 'f':
      return skip_literal("false");
    case 'n':
      return skip_literal("null");
    default:
      return skip_number();
  }
}

void JsonReader::skip_container(int depth) {
  if (depth > limits::kJsonDepth) malformed("nested too deep");
  if (peek() == '[') {
    for (bool more = enter_array(); more; more = next_element()) skip_nested(depth);
    return;
  }
  for (bool more = enter_object(); more; more = next_member()) {
    name();
    skip_nested(depth);
  }
}

void JsonReader::skip_literal(std::string_view literal) {
  if (text_.substr(position_, literal.size()) != literal) malformed("a value is needed");
  position_ += literal.size();
}

void JsonReader::skip_digits() {
  if (!is_digit(current())) malformed("a value is needed");
  while (is_digit(current())) ++position_;
}

void JsonReader::skip_number() {
  if (current() == '-') ++position_;
  if (current() == '0') {
    ++position_;
  } else {
    skip_digits();
  }
  if (current() == '.') {
    ++position_;
    skip_digits();
  }
  if (current() == 'e' || current() == 'E') {
    ++position_;
    if (current() == '+' || current() == '-') ++position_;
    skip_digits();
  }
}

void JsonReader::finish(bool allow_nuls) {
  while (!at_end() && (is_space(current()) || (allow_nuls && current() == '\0'))) ++position_;
  if (!at_end()) malformed("text after the end");
}

std::size_t decode_json_string(const JsonString& string, ByteSpan out) noexcept {
  const std::string_view raw = string.raw;
  if (!string.escaped) {
    if (!raw.empty()) std::memcpy(out.data(), raw.data(), raw.size());
    return raw.size();
  }
  std::size_t length = 0;
  for (std::size_t i = 0; i < raw.size();) {
    if (raw[i] != '\\') {
      out[length++] = static_cast<std::uint8_t>(raw[i++]);
      continue;
    }
    const utf8::Escape escape = utf8::read_escape(raw.substr(i));
    i += escape.size;
    length += utf8::encode(escape.code_point, out.subspan(length));
  }
  return length;
}

void DecodedString::decode(const JsonString& string) {
  plain_ = SecretBytes(string.raw.size());
  plain_.resize(decode_json_string(string, plain_.expose_writable()));
  text_ = plain_.expose_text();
}

std::size_t count_numbers(JsonReader& reader) {
  std::size_t count = 0;
  for (bool more = reader.enter_array(); more; more = reader.next_element(), ++count) reader.byte();
  return count;
}

void read_numbers(JsonReader& reader, ByteSpan out) {
  std::size_t i = 0;
  for (bool more = reader.enter_array(); more; more = reader.next_element()) {
    out[i++] = reader.byte();
  }
}

std::string to_string(const JsonString& string) {
  if (!string.escaped) return std::string(string.raw);
  std::string text(string.raw.size(), '\0');
  text.resize(
      decode_json_string(string, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
  return text;
}

}  // namespace oskbc::core
