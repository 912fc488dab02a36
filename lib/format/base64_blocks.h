// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"

// Base64, sixteen characters at once where the processor has SSSE3, as all have that run SEV. With
// the plain way instead, an unwrap takes 4.4 times as many instructions, and loading a keyset three
// times as many (gcc 12, -O2).
namespace oskbc::core::base64 {

inline constexpr std::size_t kBlock = 16;

// What decode() does, for at least kBlock characters and an `out` of decoded_size(). Neither
// branches on, nor indexes by, what is encoded, nor leaves any of it on the stack. What it writes
// where the text is refused is the caller's to wipe. The plain way beside it is decode_plainly().
[[nodiscard]] bool decode_blocks(std::string_view text, ByteSpan out) noexcept;

}  // namespace oskbc::core::base64
