// SPDX-License-Identifier: Apache-2.0
#include "format/base64.h"

#include <cstdint>

#include "base/secret_bytes.h"
#include "format/base64_blocks.h"

namespace oskbc::core::base64 {
namespace {

// All ones if low <= value <= high, else zero; without a branch. Both differences are negative
// exactly inside the range, and a shifted sign bit is the mask.
constexpr std::int32_t mask_in(std::int32_t value, std::int32_t low, std::int32_t high) {
  return ((low - 1 - value) & (value - high - 1)) >> 31;
}

constexpr char character(std::int32_t sextet) {
  const std::int32_t upper = mask_in(sextet, 0, 25) & (sextet + 'A');
  const std::int32_t lower = mask_in(sextet, 26, 51) & (sextet - 26 + 'a');
  const std::int32_t digit = mask_in(sextet, 52, 61) & (sextet - 52 + '0');
  const std::int32_t plus = mask_in(sextet, 62, 62) & '+';
  const std::int32_t slash = mask_in(sextet, 63, 63) & '/';
  return static_cast<char>(upper | lower | digit | plus | slash);
}

// The six bits that a character stands for, or -1 if it stands for none.
constexpr std::int32_t sextet(char character) {
  const std::int32_t c = static_cast<unsigned char>(character);
  return (mask_in(c, 'A', 'Z') & (c - 'A' + 1)) + (mask_in(c, 'a', 'z') & (c - 'a' + 27)) +
         (mask_in(c, '0', '9') & (c - '0' + 53)) + (mask_in(c, '+', '+') & 63) +
         (mask_in(c, '/', '/') & 64) - 1;
}

// 24 bits, the first on top; negative if a character stands for none.
constexpr std::int32_t quad(char a, char b, char c, char d) {
  return sextet(a) << 18 | sextet(b) << 12 | sextet(c) << 6 | sextet(d);
}

constexpr std::uint8_t byte_of(std::int32_t bits, unsigned shift) {
  return static_cast<std::uint8_t>(bits >> shift);
}

// Decodes the last four characters, with their padding. Negative if they are not canonical.
std::int32_t decode_last(std::string_view text, ByteSpan out) {
  const std::size_t padded = padding(text);
  // Padding stands for no bits, which are zero.
  const std::int32_t bits =
      quad(text[0], text[1], padded > 1 ? 'A' : text[2], padded > 0 ? 'A' : text[3]);
  for (unsigned i = 0; i < out.size(); ++i) out[i] = byte_of(bits, 16 - 8 * i);
  const std::int32_t loose = bits & ((1 << 8 * padded) - 1);
  return bits | -loose;
}

void encode_triple(const std::uint8_t* in, char* out) {
  out[0] = character(in[0] >> 2);
  out[1] = character((in[0] & 0x03) << 4 | in[1] >> 4);
  out[2] = character((in[1] & 0x0f) << 2 | in[2] >> 6);
  out[3] = character(in[2] & 0x3f);
}

}  // namespace

// The verdict is one number until the end: a branch of its own for each part would tell which.
bool decode_plainly(std::string_view text, ByteSpan out) noexcept {
  std::int32_t all = 0;
  for (; text.size() > 4; text.remove_prefix(4), out = out.subspan(3)) {
    const std::int32_t bits = quad(text[0], text[1], text[2], text[3]);
    for (unsigned i = 0; i < 3; ++i) out[i] = byte_of(bits, 16 - 8 * i);
    all |= bits;
  }
  if (!text.empty()) all |= decode_last(text, out);
  return all >= 0;
}

bool decode(std::string_view text, ByteSpan out) noexcept {
  if (decoded_size(text) != out.size()) return false;
  const bool good = text.size() < kBlock ? decode_plainly(text, out) : decode_blocks(text, out);
  if (!good) wipe(out);
  return good;
}

std::optional<Bytes> decode(std::string_view text) {
  const auto size = decoded_size(text);
  if (!size) return std::nullopt;
  Bytes out(*size);
  if (!decode(text, out)) return std::nullopt;
  return out;
}

void encode(ByteView bytes, std::span<char> out) noexcept {
  std::size_t i = 0;
  char* destination = out.data();
  for (; i + 3 <= bytes.size(); i += 3, destination += 4) encode_triple(&bytes[i], destination);
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return;
  std::uint8_t last[3] = {bytes[i], rest == 2 ? bytes[i + 1] : std::uint8_t{0}, 0};
  encode_triple(last, destination);
  destination[3] = '=';
  if (rest == 1) destination[2] = '=';
  wipe(last, sizeof last);
}

std::string encode(ByteView bytes) {
  std::string text(encoded_size(bytes.size()), '\0');
  encode(bytes, std::span<char>(text.data(), text.size()));
  return text;
}

}  // namespace oskbc::core::base64
