// SPDX-License-Identifier: Apache-2.0
// Blocks against one character at a time.
#include "format/string_scan.h"

#include <algorithm>
#include <random>
#include <string>

#include "support/catch.h"

namespace oskbc::string_scan_test {

namespace {

// From every place on.
bool agrees(std::string_view text) {
  for (std::size_t position = 0; position <= text.size(); ++position) {
    const std::string_view rest = text.substr(position);
    const auto first = std::ranges::find_if_not(rest, core::is_plain);
    const auto plain = static_cast<std::size_t>(first - rest.begin());
    if (core::plain_end(text, position) != position + plain) return false;
  }
  return true;
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
    "every character at every position of some blocks is found as one at a time would find it") {
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

TEST_CASE("a text may be shorter than a block, and a block may end with it") {
  for (const std::string_view text : {"", "1", "123456789012345", "1234567890123456"}) {
    CHECK(core::plain_end(text, 0) == text.size());
    CHECK(core::plain_end(text, text.size()) == text.size());
    CHECK(agrees(std::string(text) + '"'));
  }
}

}  // namespace oskbc::string_scan_test
