// SPDX-License-Identifier: Apache-2.0
// Words against one character at a time.
#include "format/string_scan.h"

#include <algorithm>
#include <random>
#include <string>

#include "support/catch.h"

namespace oskbc::string_scan_test {

namespace {

// As far as whole words go.
bool agrees(std::string_view text) {
  const auto first = std::find_if_not(text.begin(), text.end(), core::is_plain);
  const auto expected = static_cast<std::size_t>(first - text.begin());
  const std::size_t words = text.size() / 8 * 8;
  return core::plain_words(text) == std::min(expected, words);
}

}  // namespace

TEST_CASE("a character is plain that stands for itself in a string") {
  for (const char c : {' ', '!', '#', '/', '[', ']', '{', '}', 'a', '~', '\x7f'}) {
    CHECK(core::is_plain(c));
  }
  for (const char c : {'\0', '\n', '\x1f', '"', '\\', '\x80', '\xc3', '\xff'}) {
    CHECK_FALSE(core::is_plain(c));
  }
}

TEST_CASE(
    "every character at every position of five words is found as one at a time would find it") {
  int differing = 0;
  for (std::size_t position = 0; position < 40; ++position) {
    for (int value = 0; value < 256; ++value) {
      std::string text(40, 'x');
      text[position] = static_cast<char>(value);
      if (!agrees(text)) ++differing;
    }
  }
  CHECK(differing == 0);
}

TEST_CASE("the first of several characters counts, whatever comes after it") {
  std::mt19937 random(8);
  int differing = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 40, ' ');
    for (char& c : text) {
      c = random() % 8 == 0 ? static_cast<char>(random()) : static_cast<char>('#' + random() % 50);
    }
    if (!agrees(text)) ++differing;
  }
  CHECK(differing == 0);
}

TEST_CASE("less than a word is left to the caller") {
  CHECK(core::plain_words("") == 0);
  CHECK(core::plain_words("1234567") == 0);
  CHECK(core::plain_words("12345678") == 8);
  CHECK(core::plain_words("12345678\"") == 8);
}

}  // namespace oskbc::string_scan_test
