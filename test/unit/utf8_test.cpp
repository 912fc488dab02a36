// SPDX-License-Identifier: Apache-2.0
#include "format/utf8.h"

#include <array>
#include <string>
#include <string_view>

#include "support/catch.h"

namespace oskbc::utf8_test {

namespace utf8 = core::utf8;

namespace {

std::string encoded(char32_t code_point) {
  std::array<std::uint8_t, 4> out{};
  const std::size_t size = utf8::encode(code_point, out);
  return std::string(core::as_text(out).substr(0, size));
}

std::size_t length_by_code_point(char32_t code_point) {
  return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
}

// How many texts of two or three bytes are one whole character of that length.
int count_pairs() {
  int count = 0;
  for (int i = 0; i < 0x10000; ++i) {
    const char text[] = {static_cast<char>(i >> 8), static_cast<char>(i)};
    if (utf8::sequence_length({text, 2}) == 2) ++count;
  }
  return count;
}

int count_triples() {
  int count = 0;
  for (int i = 0; i < 0x1000000; ++i) {
    const char text[] = {static_cast<char>(i >> 16), static_cast<char>(i >> 8),
                         static_cast<char>(i)};
    if (utf8::sequence_length({text, 3}) == 3) ++count;
  }
  return count;
}

// The last two bytes of four vary little here; the triples have tried their checks.
int count_quads() {
  int count = 0;
  for (int i = 0; i < 0x10000; ++i) {
    for (const int tail : {0x7f7f, 0x7f80, 0x807f, 0x8080, 0xbfbf, 0xbfc0, 0xc0bf}) {
      const char text[] = {static_cast<char>(i >> 8), static_cast<char>(i),
                           static_cast<char>(tail >> 8), static_cast<char>(tail)};
      if (utf8::sequence_length({text, 4}) == 4) ++count;
    }
  }
  return count;
}

}  // namespace

TEST_CASE("every code point is written as one character of its length") {
  int wrong = 0;
  for (char32_t code_point = 0; code_point <= 0x10ffff; ++code_point) {
    if (code_point >= 0xd800 && code_point <= 0xdfff) continue;
    const std::string text = encoded(code_point);
    if (text.size() != length_by_code_point(code_point)) ++wrong;
    if (utf8::sequence_length(text) != text.size()) ++wrong;
    if (utf8::sequence_length(text + "\x80") != text.size()) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("the first and last code point of each length have RFC 3629's bytes") {
  CHECK(encoded(0) == std::string(1, '\0'));
  CHECK(encoded(0x7f) == "\x7f");
  CHECK(encoded(0x80) == "\xc2\x80");
  CHECK(encoded(0x7ff) == "\xdf\xbf");
  CHECK(encoded(0x800) == "\xe0\xa0\x80");
  CHECK(encoded(0xd7ff) == "\xed\x9f\xbf");
  CHECK(encoded(0xe000) == "\xee\x80\x80");
  CHECK(encoded(0xffff) == "\xef\xbf\xbf");
  CHECK(encoded(0x10000) == "\xf0\x90\x80\x80");
  CHECK(encoded(0x10ffff) == "\xf4\x8f\xbf\xbf");
}

TEST_CASE("no more characters are accepted than there are code points") {
  CHECK(count_pairs() == 0x800 - 0x80);
  CHECK(count_triples() == 0x10000 - 0x800 - 0x800);
  // Of the first two bytes, as many as there are blocks of 4096 code points, each with two tails.
  CHECK(count_quads() == 0x100000 / 0x1000 * 2);
}

TEST_CASE("a character that is cut short is none") {
  for (const char* whole : {"\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    const std::string_view text(whole);
    for (std::size_t size = 1; size < text.size(); ++size) {
      CHECK(utf8::sequence_length(text.substr(0, size)) == 0);
      CHECK(utf8::sequence_length(std::string(text.substr(0, size)) + "A") == 0);
    }
  }
  CHECK(utf8::sequence_length("") == 0);
}

TEST_CASE("overlong forms, surrogates and what lies past U+10FFFF are no characters") {
  for (const char* text :
       {"\xc0\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x80\xaf", "\xe0\x9f\xbf",
        "\xf0\x80\x80\x80", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff", "\x80",
        "\xbf"}) {
    CHECK(utf8::sequence_length(text) == 0);
  }
}

TEST_CASE("a text is UTF-8 if all its characters are") {
  for (const char* text : {"", "a", "key_id1\n", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91z"}) {
    CHECK(utf8::is_valid(text));
  }
  CHECK(utf8::is_valid(std::string(3, '\0')));
  for (const char* text : {"\xff", "a\xff", "\xff\x61", "a\xc3", "a\xc3z", "a\xed\xa0\x80z",
                           "a\xc0\xafz", "\xe2\x82\xac\xe2\x82"}) {
    CHECK_FALSE(utf8::is_valid(text));
  }
}

TEST_CASE("surrogates are told apart at their borders") {
  for (const unsigned unit : {0xd800U, 0xdbffU}) {
    CHECK(utf8::is_high_surrogate(unit));
    CHECK_FALSE(utf8::is_low_surrogate(unit));
  }
  for (const unsigned unit : {0xdc00U, 0xdfffU}) {
    CHECK(utf8::is_low_surrogate(unit));
    CHECK_FALSE(utf8::is_high_surrogate(unit));
  }
  for (const unsigned unit : {0U, 0xd7ffU, 0xe000U, 0xffffU}) {
    CHECK_FALSE(utf8::is_high_surrogate(unit));
    CHECK_FALSE(utf8::is_low_surrogate(unit));
  }
}

TEST_CASE("the eight short escapes stand for RFC 8259's characters") {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kCharacters = "\"\\/\b\f\n\r\t";
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    const auto escape = utf8::read_escape(std::string("\\") + kLetters[i] + "rest");
    CHECK(escape.code_point == static_cast<unsigned char>(kCharacters[i]));
    CHECK(escape.size == 2);
  }
}

TEST_CASE("an escape of four digits is read in either case, and nothing after it") {
  for (const char* text : {"\\u00e9", "\\u00E9", "\\u00e9f", "\\u00e9\\udc00"}) {
    CHECK(utf8::read_escape(text).code_point == 0xe9);
    CHECK(utf8::read_escape(text).size == 6);
  }
  CHECK(utf8::read_escape("\\u0000").code_point == 0);
  CHECK(utf8::read_escape("\\uABCD").code_point == 0xabcd);
  CHECK(utf8::read_escape("\\ufedc").code_point == 0xfedc);
  CHECK(utf8::read_escape("\\u9870").code_point == 0x9870);
}

TEST_CASE("a pair of surrogates is one code point") {
  const auto check = [](const char* text, char32_t code_point) {
    CHECK(utf8::read_escape(text).code_point == code_point);
    CHECK(utf8::read_escape(text).size == 12);
  };
  check("\\ud800\\udc00", 0x10000);
  check("\\uD83D\\uDD11", 0x1f511);
  check("\\udbff\\uDFFF", 0x10ffff);
}

}  // namespace oskbc::utf8_test
