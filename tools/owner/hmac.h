// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "base/bytes.h"

namespace oskbc::owner {

inline constexpr std::size_t kMacSize = 32;
// MACs go to the platform and may be shown.
using Mac = std::array<std::uint8_t, kMacSize>;

// HMAC-SHA256 over parts, as if they were one.
[[nodiscard]] Mac hmac_sha256(core::ByteView key, std::initializer_list<core::ByteView> parts);
// Into exactly kMacSize bytes, where the MAC is itself a key.
void hmac_sha256(core::ByteView key, std::initializer_list<core::ByteView> parts,
                 core::ByteSpan out);

// In a time that tells nothing of where the two differ.
[[nodiscard]] bool equal_in_constant_time(core::ByteView a, core::ByteView b) noexcept;

}  // namespace oskbc::owner
