// SPDX-License-Identifier: Apache-2.0
#include "format/base64_blocks.h"

#include "base/secret_bytes.h"
#include "format/base64.h"

#ifdef __x86_64__
#include <cpuid.h>
#include <tmmintrin.h>

#include <cstdint>
#include <cstring>
#endif

namespace oskbc::core::base64 {
#ifdef __x86_64__
namespace {

constexpr std::size_t kDecodedBlock = 12;

__m128i load(const char* text) {
  __m128i characters;
  std::memcpy(&characters, text, kBlock);
  return characters;
}

// Padding stands for no bits, which are zero: 'A'.
__m128i without_padding(__m128i characters, std::size_t padding) {
  constexpr std::uint64_t kBoth = std::uint64_t{'=' ^ 'A'} * 0x101;
  const std::uint64_t change = padding == 0 ? 0 : kBoth << (64 - 8 * padding);
  return _mm_xor_si128(characters, _mm_set_epi64x(static_cast<std::int64_t>(change), 0));
}

struct Block {
  __m128i bytes;  // kDecodedBlock of them
  __m128i bad;    // not zero where a character stands for none
};

// Looks up in registers, which takes the same time for all characters. Each half of one has a bit
// for each kind that it may belong to: "+/", digits, and letters by their upper half.
[[gnu::target("ssse3"), gnu::always_inline]] inline Block read_block(__m128i c) {
  const __m128i upper_kinds = _mm_setr_epi8(0, 0, 1, 2, 4, 8, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m128i lower_kinds =
      _mm_setr_epi8(10, 14, 14, 14, 14, 14, 14, 14, 14, 14, 12, 5, 4, 4, 4, 5);
  // By the upper half, too: a value less its character. "/" is further from "+" than its value.
  const __m128i offsets = _mm_setr_epi8(0, 0, 62 - '+', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 0,
                                        0, 0, 0, 0, 0, 0, 0);
  const __m128i slash_offset = _mm_set1_epi8('/' - '+' - 1);
  const __m128i half = _mm_set1_epi8(0x0f);
  const __m128i upper = _mm_and_si128(_mm_srli_epi16(c, 4), half);
  const __m128i lower = _mm_and_si128(c, half);
  const __m128i kinds =
      _mm_and_si128(_mm_shuffle_epi8(upper_kinds, upper), _mm_shuffle_epi8(lower_kinds, lower));
  const __m128i slash = _mm_cmpeq_epi8(c, _mm_set1_epi8('/'));
  const __m128i values = _mm_sub_epi8(_mm_add_epi8(c, _mm_shuffle_epi8(offsets, upper)),
                                      _mm_and_si128(slash, slash_offset));
  // Joins neighbours, of 6 and of 12 bits, the first one on top.
  const __m128i pairs = _mm_maddubs_epi16(values, _mm_set1_epi16(0x0140));
  const __m128i quads = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));
  const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  return {_mm_shuffle_epi8(quads, order), _mm_cmpeq_epi8(kinds, _mm_setzero_si128())};
}

template <typename T>
void store(T value, std::uint8_t* out) {
  std::memcpy(out, &value, sizeof value);
}

std::uint64_t first_eight(__m128i bytes) {
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(bytes));
}

std::uint32_t last_four(__m128i bytes) {
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_srli_si128(bytes, 8)));
}

// Writes up to `end` without the last bytes, one or two, that padding stands for; returns those.
std::uint64_t write_last(__m128i bytes, std::size_t padding, std::uint8_t* end) {
  const std::size_t shift = 8 * padding;
  const std::uint64_t first = __builtin_bswap64(first_eight(bytes));
  const std::uint64_t last = __builtin_bswap32(last_four(bytes));
  store(first_eight(bytes), end - kDecodedBlock + padding);
  store(__builtin_bswap64(first << (32 - shift) | last >> shift), end - sizeof first);
  return last & ((std::uint64_t{1} << shift) - 1);
}

// As decode_blocks() does, but for what stays on the stack.
[[gnu::target("ssse3")]] bool decode_all(std::string_view text, ByteSpan out) {
  const std::size_t padded = padding(text);
  // Read before anything is written: what is written may reach it where `out` lies over the text.
  const __m128i end = load(text.data() + text.size() - kBlock);
  const Block last = read_block(without_padding(end, padded));
  __m128i bad = last.bad;
  std::uint8_t* destination = out.data();
  for (; text.size() > kBlock; text.remove_prefix(kBlock), destination += kDecodedBlock) {
    const Block block = read_block(load(text.data()));
    store(first_eight(block.bytes), destination);
    store(last_four(block.bytes), destination + sizeof(std::uint64_t));
    bad = _mm_or_si128(bad, block.bad);
  }
  const std::uint64_t loose = write_last(last.bytes, padded, out.data() + out.size());
  return (static_cast<unsigned>(_mm_movemask_epi8(bad)) | loose) == 0;
}

// Goes over the frames of what decode_all() called and its own. Optimised, blocks are in registers,
// but with gcc's -Og, where one stays until other calls go over it.
void wipe_frames() {
#ifndef __OPTIMIZE__
  std::uint8_t frames[3072];
  wipe(frames, sizeof frames);
#endif
}

bool has_ssse3() noexcept {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_SSSE3) != 0;
}

// Asked once: a confidential guest asks its host for the answer.
const bool decodes_blocks = has_ssse3();

}  // namespace
#endif

bool decode_blocks(std::string_view text, ByteSpan out) noexcept {
#ifdef __x86_64__
  if (decodes_blocks) {
    const bool good = decode_all(text, out);
    wipe_frames();
    return good;
  }
#endif
  return decode_plainly(text, out);
}

}  // namespace oskbc::core::base64
