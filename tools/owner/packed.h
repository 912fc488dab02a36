// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

// Little endian integers of any size in EFI's packed formats. The caller has checked that they are
// there.
namespace oskbc::owner {

template <std::unsigned_integral T>
[[nodiscard]] T load_le(core::ByteView bytes, std::size_t offset) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) value = value << 8 | bytes[offset + i];
  return static_cast<T>(value);
}

template <std::unsigned_integral T>
void store_le(core::ByteSpan bytes, std::size_t offset, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[offset + i] = static_cast<std::uint8_t>(std::uint64_t{value} >> (8 * i));
  }
}

}  // namespace oskbc::owner
