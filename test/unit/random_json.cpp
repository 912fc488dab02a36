// SPDX-License-Identifier: Apache-2.0
#include "unit/random_json.h"

#include <array>
#include <string_view>

namespace oskbc::test {
namespace {

using namespace std::string_view_literals;

// What strings are made of, the rarer things of Unicode and of escapes among it.
constexpr std::array kCharacters = {"a"sv,
                                    "key"sv,
                                    "/"sv,
                                    " "sv,
                                    "="sv,
                                    "\x7f"sv,
                                    "\xc3\xa9"sv,
                                    "\xc2\x80"sv,
                                    "\xe2\x82\xac"sv,
                                    "\xef\xbf\xbf"sv,
                                    "\xed\x9f\xbf"sv,
                                    "\xf0\x9f\x94\x91"sv,
                                    "\xf4\x8f\xbf\xbf"sv,
                                    "\\\""sv,
                                    "\\\\"sv,
                                    "\\/"sv,
                                    "\\b"sv,
                                    "\\f"sv,
                                    "\\n"sv,
                                    "\\r"sv,
                                    "\\t"sv,
                                    "\\u0041"sv,
                                    "\\u0000"sv,
                                    "\\u00Ff"sv,
                                    "\\u20ac"sv,
                                    "\\uD83D\\uDD11"sv,
                                    "\\udbff\\udfff"sv,
                                    "\\uffff"sv,
                                    "QUJD"sv,
                                    "{}[]:,"sv};

// What texts are broken with: tokens, halves of tokens, and bytes that have no place in JSON.
constexpr std::array kFragments = {"\""sv,
                                   "\\"sv,
                                   "\\u"sv,
                                   "\\ud800"sv,
                                   "\\udc00"sv,
                                   "\\x41"sv,
                                   "{"sv,
                                   "}"sv,
                                   "["sv,
                                   "]"sv,
                                   ":"sv,
                                   ","sv,
                                   "null"sv,
                                   "true"sv,
                                   "fals"sv,
                                   "0"sv,
                                   "-"sv,
                                   "+1"sv,
                                   "."sv,
                                   "e"sv,
                                   "1E+"sv,
                                   "\0"sv,
                                   "\n"sv,
                                   "\x1f"sv,
                                   "\v"sv,
                                   "\x80"sv,
                                   "\xc3"sv,
                                   "\xc0\xaf"sv,
                                   "\xed\xa0\x80"sv,
                                   "\xf4\x90\x80\x80"sv,
                                   "\xff"sv,
                                   "\xef\xbb\xbf"sv,
                                   "/**/"sv,
                                   "//\n"sv,
                                   "'"sv,
                                   "NaN"sv,
                                   "{\"a\":"sv,
                                   "[[[["sv,
                                   "]]]]"sv,
                                   "\"a\""sv};

}  // namespace

std::string RandomJson::space() {
  static constexpr std::array kSpaces = {""sv, ""sv, ""sv, ""sv, " "sv, "\n"sv, "\t"sv, "\r\n  "sv};
  return std::string(kSpaces[below(kSpaces.size())]);
}

std::string RandomJson::number() {
  std::string text = below(3) == 0 ? "-" : "";
  text += below(4) == 0 ? "0" : std::to_string(1 + below(1000));
  if (below(3) == 0) text += "." + std::to_string(below(1000));
  // Two digits: what no double can hold is refused by nlohmann/json and allowed by RFC 8259.
  if (below(3) == 0) text += (below(2) == 0 ? "e-" : "E+") + std::to_string(below(100));
  return text;
}

std::string RandomJson::string() {
  std::string text = "\"";
  for (std::size_t count = below(6); count > 0; --count)
    text += kCharacters[below(kCharacters.size())];
  return text + "\"";
}

std::string RandomJson::container(int depth) {
  const bool is_object = below(2) == 0;
  std::string text = is_object ? "{" : "[";
  for (std::size_t count = below(4), i = 0; i < count; ++i) {
    if (i != 0) text += space() + ",";
    if (is_object) text += space() + string() + space() + ":";
    text += value(depth);
  }
  return text + space() + (is_object ? "}" : "]");
}

std::string RandomJson::value(int depth) {
  static constexpr std::array kWords = {"null"sv, "true"sv, "false"sv};
  std::string text = space();
  switch (below(6)) {
    case 0:
      text += kWords[below(kWords.size())];
      break;
    case 1:
      text += number();
      break;
    case 2:
      text += string();
      break;
    default:
      text += depth == 0 ? string() : container(depth - 1);
  }
  return text + space();
}

std::string RandomJson::deep_value() {
  std::string text = value(1);
  for (std::size_t depth = 28 + below(8); depth > 0; --depth) {
    text = below(2) == 0 ? "[" + text + "]" : "{" + string() + ":" + text + "}";
  }
  return text;
}

std::string RandomJson::value() { return below(20) == 0 ? deep_value() : value(4); }

std::string RandomJson::flat_object() {
  std::string text = space() + "{";
  for (std::size_t count = below(6), i = 0; i < count; ++i) {
    if (i != 0) text += ",";
    text += space() + string() + space() + ":" + space() + string() + space();
  }
  return text + "}" + space();
}

std::string RandomJson::fragment() {
  if (below(4) == 0) return std::string(1, static_cast<char>(below(256)));
  return std::string(kFragments[below(kFragments.size())]);
}

void RandomJson::mutate(std::string& text) {
  const std::size_t position = below(text.size() + 1);
  const std::size_t length = 1 + below(3);
  switch (below(5)) {
    case 0:
      text.erase(position, length);
      break;
    case 1:
      text.insert(position, fragment());
      break;
    case 2:
      text.replace(position, length, fragment());
      break;
    case 3:
      text.insert(position, text.substr(position, length));
      break;
    default:
      text.resize(position);
  }
}

std::string RandomJson::mutated(std::string text) {
  for (std::size_t count = 1 + below(2); count > 0; --count) mutate(text);
  return text;
}

}  // namespace oskbc::test
