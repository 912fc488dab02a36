// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

// Little endian integers in packed formats: all of the SEV API's and EFI's are. Whoever calls has
// checked that the bytes are there.
namespace oskbc::tools {

template <std::unsigned_integral T>
[[nodiscard]] constexpr T load_le(core::ByteView bytes, std::size_t offset) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) value = value << 8 | bytes[offset + i];
  return static_cast<T>(value);
}

template <std::unsigned_integral T>
constexpr void store_le(core::ByteSpan bytes, std::size_t offset, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[offset + i] = static_cast<std::uint8_t>(std::uint64_t{value} >> (8 * i));
  }
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr std::array<std::uint8_t, sizeof(T)> le_bytes(T value) noexcept {
  std::array<std::uint8_t, sizeof(T)> bytes{};
  store_le(bytes, 0, value);
  return bytes;
}

// Between little endian numbers and OpenSSL's, which are big endian.
inline void copy_reversed(core::ByteView from, core::ByteSpan to) noexcept {
  std::reverse_copy(from.begin(), from.end(), to.begin());
}

[[nodiscard]] inline core::Bytes reversed(core::ByteView bytes) {
  return {bytes.rbegin(), bytes.rend()};
}

[[nodiscard]] inline bool all_zero(core::ByteView bytes) noexcept {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace oskbc::tools
