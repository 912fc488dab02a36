// SPDX-License-Identifier: Apache-2.0
#include "format/base64.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/secret_bytes.h"

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

// Sixteen characters at once, as the compiler's vectors: all of any processor that this runs on.
constexpr std::size_t kBlock = 16;
constexpr std::size_t kDecodedBlock = 12;
using Chars = signed char __attribute__((vector_size(kBlock)));
using Values = unsigned char __attribute__((vector_size(kBlock)));
using Pairs = std::uint16_t __attribute__((vector_size(kBlock)));
using Quads = std::uint32_t __attribute__((vector_size(kBlock)));
using Octets = std::uint64_t __attribute__((vector_size(kBlock)));

// As mask_in(), of each.
Values in_range(Chars value, signed char low, signed char high) {
  return reinterpret_cast<Values>((value >= low) & (value <= high));
}

struct Sextets {
  Values values;
  Values bad;  // not zero where a character stands for none
};

// The six bits that each character stands for. What is not ASCII is negative here.
Sextets sextets(Chars c) {
  const Values upper = in_range(c, 'A', 'Z');
  const Values lower = in_range(c, 'a', 'z');
  const Values digit = in_range(c, '0', '9');
  const Values plus = in_range(c, '+', '+');
  const Values slash = in_range(c, '/', '/');
  const auto value = reinterpret_cast<Values>(c);
  return {(upper & (value - 'A')) | (lower & (value - ('a' - 26))) |
              (digit & (value + (52 - '0'))) | (plus & 62) | (slash & 63),
          ~(upper | lower | digit | plus | slash)};
}

// Joins neighbours, of 6, 12 and 24 bits, the first one on top; 48 bits are in each half then.
Octets join(Values sextets) {
  static_assert(std::endian::native == std::endian::little);
  const auto pairs = reinterpret_cast<Pairs>(sextets);
  const auto quads = reinterpret_cast<Quads>((pairs << 6 & 0xfff) | pairs >> 8);
  const auto octets = reinterpret_cast<Octets>((quads << 12 & 0xffffff) | quads >> 16);
  return (octets << 24 & 0xffffffffffff) | octets >> 32;
}

struct Block {
  Octets bits;  // 48 in each, the first on top
  Values bad;   // not zero where a character stands for none
};

// Padding stands for no bits, which are zero.
Chars load(const char* text, std::size_t padding = 0) {
  Chars characters;
  std::memcpy(&characters, text, kBlock);
  if (padding > 0) characters[kBlock - 1] = 'A';
  if (padding > 1) characters[kBlock - 2] = 'A';
  return characters;
}

Block read_block(Chars characters) {
  const auto [values, bad] = sextets(characters);
  return {join(values), bad};
}

void store(std::uint64_t bits, std::uint8_t* out) {
  const std::uint64_t big_endian = __builtin_bswap64(bits);
  std::memcpy(out, &big_endian, sizeof big_endian);
}

// Writes kDecodedBlock bytes.
void write_block(Octets bits, std::uint8_t* out) {
  store(bits[0] << 16 | bits[1] >> 32, out);
  const std::uint32_t big_endian = __builtin_bswap32(static_cast<std::uint32_t>(bits[1]));
  std::memcpy(out + sizeof bits[0], &big_endian, sizeof big_endian);
}

// Writes up to `end` without the last bytes, one or two, that padding stands for; returns those.
std::uint64_t write_last(Octets bits, std::size_t padding, std::uint8_t* end) {
  const std::size_t shift = 8 * padding;
  store(bits[0] << 16 | bits[1] >> 32, end - kDecodedBlock + padding);
  store(bits[0] << (48 - shift) | bits[1] >> shift, end - sizeof bits[0]);
  return bits[1] & ((std::uint64_t{1} << shift) - 1);
}

bool is_zero(Values value) {
  const auto halves = reinterpret_cast<Octets>(value);
  return (halves[0] | halves[1]) == 0;
}

// Of at least one block.
bool decode_blocks(std::string_view text, ByteSpan out) {
  const std::size_t padded = padding(text);
  // Read before anything is written: what is written may reach it where `out` shares the text's
  // place.
  const Block last = read_block(load(text.data() + text.size() - kBlock, padded));
  Values bad = last.bad;
  std::uint8_t* place = out.data();
  for (; text.size() > kBlock; text.remove_prefix(kBlock), place += kDecodedBlock) {
    const Block block = read_block(load(text.data()));
    write_block(block.bits, place);
    bad |= block.bad;
  }
  const std::uint64_t loose = write_last(last.bits, padded, out.data() + out.size());
  return is_zero(bad) && loose == 0;
}

// Goes over the frames of what decode_blocks() called and its own. Optimised, blocks are in
// registers, but with gcc's -Og, where one stays until other calls go over it.
void wipe_frames() {
#ifndef __OPTIMIZE__
  std::uint8_t frames[2048];
  wipe(frames, sizeof frames);
#endif
}

// Less than a block, as the end of one that starts with zero bits.
bool decode_short(std::string_view text, ByteSpan out) {
  struct {
    char text[kBlock];
    std::uint8_t decoded[kDecodedBlock];
  } block{};
  std::memset(block.text, 'A', kBlock);
  std::ranges::copy(text, block.text + kBlock - text.size());
  const std::size_t size = kDecodedBlock - padding(text);
  const bool good = decode({block.text, kBlock}, ByteSpan(block.decoded).first(size));
  std::copy_n(block.decoded + size - out.size(), out.size(), out.data());
  wipe(&block, sizeof block);
  return good;
}

void encode_triple(const std::uint8_t* in, char* out) {
  out[0] = character(in[0] >> 2);
  out[1] = character((in[0] & 0x03) << 4 | in[1] >> 4);
  out[2] = character((in[1] & 0x0f) << 2 | in[2] >> 6);
  out[3] = character(in[2] & 0x3f);
}

}  // namespace

bool decode(std::string_view text, ByteSpan out) noexcept {
  if (decoded_size(text) != out.size()) return false;
  if (text.size() < kBlock) return decode_short(text, out);
  const bool good = decode_blocks(text, out);
  wipe_frames();
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
