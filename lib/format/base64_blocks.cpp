// SPDX-License-Identifier: Apache-2.0
#include "format/base64_blocks.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/secret_bytes.h"
#include "format/base64.h"

namespace oskbc::core::base64 {
namespace {

// The compiler's vectors: all of any processor that this runs on.
constexpr std::size_t kDecodedBlock = 12;
using Chars = signed char __attribute__((vector_size(kBlock)));
using Values = unsigned char __attribute__((vector_size(kBlock)));
using Pairs = std::uint16_t __attribute__((vector_size(kBlock)));
using Quads = std::uint32_t __attribute__((vector_size(kBlock)));
using Octets = std::uint64_t __attribute__((vector_size(kBlock)));

// All ones where low <= value <= high, else zero.
Values in_range(Chars value, signed char low, signed char high) {
  return reinterpret_cast<Values>((value >= low) & (value <= high));
}

struct Sextets {
  Values values;
  Values bad;  // not zero where a character stands for none
};

// The six bits that each character stands for. What is not ASCII is negative here. Digits stand for
// four more than their own number, and the others for so much more or less than that.
Sextets sextets(Chars c) {
  const Values letter = in_range(c | 0x20, 'a', 'z');
  const auto lower = reinterpret_cast<Values>(c >= 'a');
  const Values slash_or_digit = in_range(c, '/', '9');
  const auto slash = reinterpret_cast<Values>(c == '/');
  const auto plus = reinterpret_cast<Values>(c == '+');
  const Values value = reinterpret_cast<Values>(c) + (52 - '0') - (letter & ('A' + 52 - '0')) -
                       (lower & ('a' - 'A' - 26)) + (slash & (63 - '/' + '0' - 52)) +
                       (plus & (62 - '+' + '0' - 52));
  return {value, ~(letter | slash_or_digit | plus)};
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

// Inside the loop, so that what it compares with stays in registers.
[[gnu::always_inline]] inline Block read_block(Chars characters) {
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

// As decode_blocks() does, but for what stays on the stack.
bool decode_all(std::string_view text, ByteSpan out) {
  const std::size_t padded = padding(text);
  // Read before anything is written: what is written may reach it where `out` lies over the text.
  const Block last = read_block(load(text.data() + text.size() - kBlock, padded));
  Values bad = last.bad;
  std::uint8_t* destination = out.data();
  for (; text.size() > kBlock; text.remove_prefix(kBlock), destination += kDecodedBlock) {
    const Block block = read_block(load(text.data()));
    write_block(block.bits, destination);
    bad |= block.bad;
  }
  const std::uint64_t loose = write_last(last.bits, padded, out.data() + out.size());
  const auto halves = reinterpret_cast<Octets>(bad);
  return (halves[0] | halves[1] | loose) == 0;
}

// Goes over the frames of what decode_all() called and its own. Optimised, blocks are in registers,
// but with gcc's -Og, where one stays until other calls go over it.
void wipe_frames() {
#ifndef __OPTIMIZE__
  std::uint8_t frames[2048];
  wipe(frames, sizeof frames);
#endif
}

}  // namespace

bool decode_blocks(std::string_view text, ByteSpan out) noexcept {
  const bool good = decode_all(text, out);
  wipe_frames();
  return good;
}

}  // namespace oskbc::core::base64
