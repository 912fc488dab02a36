// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace oskbc::core {

// How a packet's data is encrypted: the vocabulary that packets and cipher share.
enum class WrapType { a256gcm, a256ctr };

// Lengths in bytes.
inline constexpr std::size_t kKekSize = 32;
inline constexpr std::size_t kGcmTagSize = 16;

[[nodiscard]] constexpr std::size_t iv_size(WrapType type) noexcept {
  return type == WrapType::a256gcm ? 12 : 16;
}

[[nodiscard]] constexpr std::size_t tag_size(WrapType type) noexcept {
  return type == WrapType::a256gcm ? kGcmTagSize : 0;
}

// CTR detects neither a wrong key nor a change.
[[nodiscard]] constexpr bool is_authenticated(WrapType type) noexcept {
  return type == WrapType::a256gcm;
}

}  // namespace oskbc::core
