// SPDX-License-Identifier: Apache-2.0
#include "format/base64.h"

#include <algorithm>
#include <cstdint>

#include "base/secret_bytes.h"

namespace oskbc::core::base64 {
namespace {

// All ones if low <= value <= high, else zero; without a branch. Both differences are negative
// exactly inside the range, and a shifted sign bit is the mask.
constexpr std::int32_t mask_in(std::int32_t value, std::int32_t low, std::int32_t high) {
  return ((low - 1 - value) & (value - high - 1)) >> 31;
}

// The six bits that a character stands for; negative if it stands for none.
constexpr std::int32_t sextet(char character) {
  const std::int32_t c = static_cast<unsigned char>(character);
  const std::int32_t upper = mask_in(c, 'A', 'Z');
  const std::int32_t lower = mask_in(c, 'a', 'z');
  const std::int32_t digit = mask_in(c, '0', '9');
  const std::int32_t plus = mask_in(c, '+', '+');
  const std::int32_t slash = mask_in(c, '/', '/');
  const std::int32_t value = (upper & (c - 'A')) | (lower & (c - 'a' + 26)) |
                             (digit & (c - '0' + 52)) | (plus & 62) | (slash & 63);
  return value | ~(upper | lower | digit | plus | slash);
}

constexpr char character(std::int32_t sextet) {
  const std::int32_t upper = mask_in(sextet, 0, 25) & (sextet + 'A');
  const std::int32_t lower = mask_in(sextet, 26, 51) & (sextet - 26 + 'a');
  const std::int32_t digit = mask_in(sextet, 52, 61) & (sextet - 52 + '0');
  const std::int32_t plus = mask_in(sextet, 62, 62) & '+';
  const std::int32_t slash = mask_in(sextet, 63, 63) & '/';
  return static_cast<char>(upper | lower | digit | plus | slash);
}

// Padding tells the length, which is no secret; so its place may be branched on.
std::size_t padding(std::string_view text) {
  if (text.empty() || text.back() != '=') return 0;
  return text[text.size() - 2] == '=' ? 2 : 1;
}

// Decodes the last four characters, of which `pad` are padding. Returns a negative number if a
// character is none or a loose bit is set.
std::int32_t decode_padded(std::string_view quad, std::size_t pad, ByteSpan out) {
  const std::int32_t a = sextet(quad[0]);
  const std::int32_t b = sextet(quad[1]);
  const std::int32_t c = pad == 2 ? 0 : sextet(quad[2]);
  const std::int32_t loose = pad == 2 ? b & 0x0f : c & 0x03;
  out[0] = static_cast<std::uint8_t>(a << 2 | b >> 4);
  if (pad == 1) out[1] = static_cast<std::uint8_t>(b << 4 | c >> 2);
  return a | b | c | -loose;
}

// Returns a negative number if a character is none.
std::int32_t decode_quad(const char* quad, std::uint8_t* out) {
  const std::int32_t a = sextet(quad[0]);
  const std::int32_t b = sextet(quad[1]);
  const std::int32_t c = sextet(quad[2]);
  const std::int32_t d = sextet(quad[3]);
  out[0] = static_cast<std::uint8_t>(a << 2 | b >> 4);
  out[1] = static_cast<std::uint8_t>(b << 4 | c >> 2);
  out[2] = static_cast<std::uint8_t>(c << 6 | d);
  return a | b | c | d;
}

void encode_triple(const std::uint8_t* in, char* out) {
  out[0] = character(in[0] >> 2);
  out[1] = character((in[0] & 0x03) << 4 | in[1] >> 4);
  out[2] = character((in[1] & 0x0f) << 2 | in[2] >> 6);
  out[3] = character(in[2] & 0x3f);
}

}  // namespace

std::optional<std::size_t> decoded_size(std::string_view text) noexcept {
  if (text.size() % 4 != 0) return std::nullopt;
  return text.size() / 4 * 3 - padding(text);
}

bool decode(std::string_view text, ByteSpan out) noexcept {
  if (decoded_size(text) != out.size()) return false;
  const std::size_t pad = padding(text);
  const std::size_t whole = text.size() / 4 - (pad != 0 ? 1 : 0);
  std::int32_t bad = 0;
  for (std::size_t i = 0; i < whole; ++i) bad |= decode_quad(&text[4 * i], &out[3 * i]);
  if (pad != 0) bad |= decode_padded(text.substr(4 * whole), pad, out.subspan(3 * whole));
  if (bad < 0) wipe(out);
  return bad >= 0;
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
  char* place = out.data();
  for (; i + 3 <= bytes.size(); i += 3, place += 4) encode_triple(&bytes[i], place);
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return;
  std::uint8_t last[3] = {bytes[i], rest == 2 ? bytes[i + 1] : std::uint8_t{0}, 0};
  encode_triple(last, place);
  place[3] = '=';
  if (rest == 1) place[2] = '=';
  wipe(last, sizeof last);
}

std::string encode(ByteView bytes) {
  std::string text(encoded_size(bytes.size()), '\0');
  encode(bytes, std::span<char>(text.data(), text.size()));
  return text;
}

}  // namespace oskbc::core::base64
