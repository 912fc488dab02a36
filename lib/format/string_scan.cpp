// SPDX-License-Identifier: Apache-2.0
#include "format/string_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>

#include <bit>
#include <cstring>
#endif

namespace oskbc::core {
#ifdef __SSE2__
namespace {

constexpr std::size_t kBlock = sizeof(__m128i);

// A bit for each character of a block that is not plain. Compared as signed numbers, what is beyond
// ASCII is less than a blank, as control characters are.
unsigned marks_in_block(const char* text) noexcept {
  __m128i c;
  std::memcpy(&c, text, sizeof c);
  const __m128i quote = _mm_cmpeq_epi8(c, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(c, _mm_set1_epi8('\\'));
  const __m128i other = _mm_cmplt_epi8(c, _mm_set1_epi8(' '));
  return static_cast<unsigned>(
      _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), other)));
}

// For a text of one block at least; the last one lies over the one before.
std::size_t plain_end_by_blocks(std::string_view text, std::size_t position) noexcept {
  for (; text.size() - position >= kBlock; position += kBlock) {
    const unsigned marks = marks_in_block(text.data() + position);
    if (marks != 0) return position + static_cast<unsigned>(std::countr_zero(marks));
  }
  const std::size_t seen = kBlock - (text.size() - position);
  const unsigned marks = marks_in_block(text.data() + text.size() - kBlock) >> seen;
  return marks == 0 ? text.size() : position + static_cast<unsigned>(std::countr_zero(marks));
}

}  // namespace
#endif

std::size_t plain_end(std::string_view text, std::size_t position) noexcept {
#ifdef __SSE2__
  if (text.size() >= kBlock) return plain_end_by_blocks(text, position);
#endif
  while (position < text.size() && is_plain(text[position])) ++position;
  return position;
}

}  // namespace oskbc::core
