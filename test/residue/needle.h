// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace oskbc_test {

// What is searched for is cut into pieces of this many bytes: half a key.
inline constexpr std::size_t kPiece = 16;
using Piece = std::array<std::uint8_t, kPiece>;

enum class Secret { key, base64, plaintext, decimal, file_key };
inline constexpr std::size_t kSecrets = 5;

// A piece of a secret under a mask, so that who searches for it does not have it.
struct Needle {
  Secret secret;
  std::uint32_t number;    // of the entry
  std::uint32_t position;  // of the piece, in bytes from the secret's start
  Piece masked;
};

}  // namespace oskbc_test
