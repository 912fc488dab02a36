// SPDX-License-Identifier: Apache-2.0
#include "byte_call.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace oskbc_test {
namespace {

// Names and values that the formats fix: a message may use them.
constexpr std::array<std::string_view, 26> kProtocolWords = {
    "wrapped_data",   "wrap_type",   "version",     "provider",          "provider_settings",
    "annotations",    "annotation",  "keyunwrap",   "keyunwrapparams",   "keywrapparams",
    "keywrap",        "optsdata",    "Parameters",  "A256GCM",           "A256CTR",
    "aes_256_gcm",    "aes_256_ctr", "aes-256-gcm", "aes-256-ctr",       "DecryptConfig",
    "kbs://",         "kbs:///",     "unwrap",      "attestation-agent", "decrypt",
    "offline_sev_kbc"};

// Shorter words are in every text by chance.
constexpr std::size_t kShortestLeak = 6;

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("_/+=.:-%").find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_letter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_protocol_word(std::string_view word) {
  return std::find(kProtocolWords.begin(), kProtocolWords.end(), word) != kProtocolWords.end();
}

// A message's longer word that only begins like this one repeats nothing.
bool has_whole_word(const std::string& message, std::string_view word) {
  for (auto at = message.find(word); at != std::string::npos; at = message.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool starts = at == 0 || !is_letter(message[at - 1]);
    if (starts && (end == message.size() || !is_letter(message[end]))) return true;
  }
  return false;
}

std::string leaked_from(const std::string& message, std::string_view text) {
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_word_character(text[i])) continue;
    const std::string_view word = text.substr(start, i - start);
    start = i + 1;
    if (word.size() < kShortestLeak || is_protocol_word(word)) continue;
    if (has_whole_word(message, word)) return std::string(word);
  }
  return {};
}

bool all_fill(const std::uint8_t* begin, const std::uint8_t* end) {
  return std::all_of(begin, end, [](std::uint8_t byte) { return byte == GuardedBuffer::kFill; });
}

std::string without_white_space(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if (std::string_view(" \t\r\n").find(c) == std::string_view::npos) kept += c;
  }
  return kept;
}

std::uint8_t to_byte(std::string_view number) {
  unsigned value = 256;
  const char* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, value);
  const bool zeros_before = number.size() > 1 && number[0] == '0';
  if (error != std::errc{} || stop != end || value > 255 || zeros_before) {
    throw std::runtime_error("not a byte in the answer");
  }
  return static_cast<std::uint8_t>(value);
}

}  // namespace

std::string_view GuardedBuffer::text(std::size_t len) const {
  return std::string_view(reinterpret_cast<const char*>(bytes_.data()) + kGuard,
                          std::min(len, size_));
}

bool GuardedBuffer::guards_intact() const {
  const std::uint8_t* start = bytes_.data();
  const std::uint8_t* end = start + bytes_.size();
  return all_fill(start, start + kGuard) && all_fill(end - kGuard, end);
}

bool GuardedBuffer::untouched() const {
  return all_fill(bytes_.data(), bytes_.data() + bytes_.size());
}

bool GuardedBuffer::untouched_or_wiped() const {
  return guards_intact() && std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t byte) {
           return byte == kFill || byte == 0;
         });
}

std::string answer_bytes(std::string_view answer) {
  static constexpr std::string_view kBefore = R"({"keyunwrapresults":{"optsdata":[)";
  static constexpr std::string_view kAfter = "]}}";
  const std::string text = without_white_space(answer);
  if (text.size() < kBefore.size() + kAfter.size() ||
      text.compare(0, kBefore.size(), kBefore) != 0 ||
      text.compare(text.size() - kAfter.size(), kAfter.size(), kAfter) != 0) {
    throw std::runtime_error("not an answer of the protocol");
  }
  std::string_view numbers(text);
  numbers = numbers.substr(kBefore.size(), text.size() - kBefore.size() - kAfter.size());
  std::string bytes;
  while (!numbers.empty()) {
    const auto comma = std::min(numbers.find(','), numbers.size());
    bytes += static_cast<char>(to_byte(numbers.substr(0, comma)));
    if (comma + 1 == numbers.size()) throw std::runtime_error("a comma too many in the answer");
    numbers.remove_prefix(std::min(comma + 1, numbers.size()));
  }
  return bytes;
}

std::string leaked_word(const std::string& message, const std::vector<std::string_view>& texts) {
  for (const std::string_view text : texts) {
    std::string word = leaked_from(message, text);
    if (!word.empty()) return word;
  }
  return {};
}

}  // namespace oskbc_test
