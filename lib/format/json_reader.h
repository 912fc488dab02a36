// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "format/base64.h"
#include "format/string_scan.h"

namespace oskbc::core {

// A string of the text, checked but not yet decoded: it points into the text.
struct JsonString {
  std::string_view raw;  // between the quotes
  bool escaped = false;  // holds at least one backslash
};

// A strict reader for JSON text (RFC 8259) that holds secrets. It walks over the text in place:
// nothing is copied until the caller says where to, so nothing is left behind (lib/README.md
// says why it is not nlohmann/json). The text must be UTF-8 without a byte order mark. What is
// malformed throws an Error of the status given, with the byte's position and never the text. What
// every string passes through is inlined: a step begins where the one before ended, and an unwrap
// would wait for that place, were it in memory, a fiftieth of its time.
//
//   for (bool more = reader.enter_object(); more; more = reader.next_member()) {
//     const JsonString name = reader.name();
//     ...read or skip one value...
//   }
class JsonReader {
 public:
  // `what` names the text in messages: "keyset".
  JsonReader(std::string_view text, Status status, const char* what) noexcept
      : text_(text), status_(status), what_(what) {}

  // These two return whether a member follows.
  bool enter_object() { return enter('{', '}'); }
  bool next_member() { return next('}'); }
  // These two return whether an element follows.
  bool enter_array() { return enter('[', ']'); }
  bool next_element() { return next(']'); }

  // A member's name and its colon.
  JsonString name() {
    const JsonString name = string();
    expect(':', "a colon is missing");
    return name;
  }
  JsonString string() {
    expect('"', "a string is needed");
    const std::size_t start = position_;
    position_ = plain_end(text_, start);
    if (current() != '"') return rest_of_string(start);
    return {text_.substr(start, position_++ - start), false};
  }
  // An integer from 0 to 255.
  std::uint8_t byte();
  // Reads a null if one is next.
  bool null();
  // Any value, nested at most limits::kJsonDepth deep.
  void skip_value();
  // The next significant character, or NUL at the end of the text.
  char peek() noexcept {
    skip_space();
    return static_cast<char>(current());
  }
  // Refuses anything but white space, and NULs where they are allowed, to the end.
  void finish(bool allow_nuls = false);

  // Where the reader stands, in bytes.
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  [[noreturn]] void malformed(const char* why) const;

 private:
  static constexpr bool is_space(unsigned char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }
  void skip_space() noexcept {
    while (is_space(current())) ++position_;
  }
  void expect(char c, const char* why) {
    if (peek() != c) malformed(why);
    ++position_;
  }
  bool enter(char open, char close);
  bool next(char close) {
    const char c = peek();
    if (c != ',' && c != close) malformed("a comma or the closing bracket is missing");
    ++position_;
    return c == ',';
  }
  JsonString rest_of_string(std::size_t start);
  void skip_nested(int depth);
  void skip_container(int depth);
  void skip_number();
  void skip_digits();
  void skip_literal(std::string_view literal);
  void skip_escape();
  unsigned hex_quad();
  void skip_utf8();
  [[nodiscard]] bool at_end() const noexcept { return position_ == text_.size(); }
  [[nodiscard]] unsigned char current() const noexcept {
    return at_end() ? '\0' : static_cast<unsigned char>(text_[position_]);
  }

  std::string_view text_;
  Status status_;
  const char* what_;
  std::size_t position_ = 0;
};

// Decodes a checked string into `out`, which has room for raw.size() bytes; returns the length.
std::size_t decode_json_string(const JsonString& string, ByteSpan out) noexcept;
// A checked string, decoded: where it has escapes, by way of secret pages of its own. Does not
// outlive the text that was read.
class DecodedString {
 public:
  explicit DecodedString(const JsonString& string) : text_(string.raw) {
    if (string.escaped) decode(string);
  }
  [[nodiscard]] std::string_view expose_text() const noexcept { return text_; }

 private:
  void decode(const JsonString& string);

  SecretBytes plain_;
  std::string_view text_;
};

// For what is no secret.
[[nodiscard]] std::string to_string(const JsonString& string);
[[nodiscard]] inline bool equals(const JsonString& string, std::string_view text) {
  return string.escaped ? to_string(string) == text : string.raw == text;
}

// Bytes in JSON: base64, or an array of numbers as the first Rust programs wrote them. `allocate`
// takes a length and gives the ByteSpan to fill, so that secrets go straight to where they stay.

// False if the text is not canonical base64.
template <typename Allocate>
[[nodiscard]] bool read_base64(std::string_view text, Allocate allocate) {
  const auto size = base64::decoded_size(text);
  return size && base64::decode(text, allocate(*size));
}

// Both read a whole array; `out` has room for all of it.
[[nodiscard]] std::size_t count_numbers(JsonReader& reader);
void read_numbers(JsonReader& reader, ByteSpan out);

template <typename Allocate>
void read_numbers(JsonReader& reader, Allocate allocate) {
  JsonReader counter = reader;
  read_numbers(reader, ByteSpan(allocate(count_numbers(counter))));
}

}  // namespace oskbc::core
