// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

// Every integer of the SEV API is little endian.
namespace oskbc::owner {

[[nodiscard]] constexpr std::array<std::uint8_t, 4> u32_bytes(std::uint32_t value) noexcept {
  return {static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 24)};
}

[[nodiscard]] inline std::uint32_t read_u32(core::ByteView bytes, std::size_t offset) noexcept {
  const core::ByteView field = bytes.subspan(offset, 4);
  return std::uint32_t{field[0]} | std::uint32_t{field[1]} << 8 | std::uint32_t{field[2]} << 16 |
         std::uint32_t{field[3]} << 24;
}

inline void write_u32(core::ByteSpan bytes, std::size_t offset, std::uint32_t value) noexcept {
  std::ranges::copy(u32_bytes(value), bytes.subspan(offset, 4).begin());
}

// Between the certificates' numbers and OpenSSL's.
inline void copy_reversed(core::ByteView from, core::ByteSpan to) noexcept {
  std::reverse_copy(from.begin(), from.end(), to.begin());
}

[[nodiscard]] inline bool all_zero(core::ByteView bytes) noexcept {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace oskbc::owner
