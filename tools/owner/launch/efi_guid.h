// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/guid.h"

namespace oskbc::owner {

inline constexpr std::size_t kEfiGuidSize = 16;
using EfiGuid = std::array<std::uint8_t, kEfiGuidSize>;

// UEFI specification, appendix A: the first three groups of digits are integers, little endian in
// memory; the other two are bytes in the order in which they are written.
inline constexpr std::array<std::size_t, kEfiGuidSize> kEfiGuidOrder = {
    3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

[[nodiscard]] inline EfiGuid to_efi_guid(const core::Guid& guid) {
  std::string digits = guid.text();
  std::erase(digits, '-');
  EfiGuid bytes{};
  for (std::size_t i = 0; i < kEfiGuidSize; ++i) {
    bytes[kEfiGuidOrder[i]] =
        static_cast<std::uint8_t>(std::stoul(digits.substr(2 * i, 2), nullptr, 16));
  }
  return bytes;
}

[[nodiscard]] inline EfiGuid to_efi_guid(std::string_view text) {
  return to_efi_guid(core::Guid::parse(text).value());
}

[[nodiscard]] inline core::Guid from_efi_guid(std::span<const std::uint8_t, kEfiGuidSize> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < kEfiGuidSize; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    const unsigned byte = bytes[kEfiGuidOrder[i]];
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0fU];
  }
  return core::Guid::parse(text).value();
}

[[nodiscard]] inline bool is_zero(std::span<const std::uint8_t, kEfiGuidSize> guid) noexcept {
  return std::all_of(guid.begin(), guid.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace oskbc::owner
