// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace oskbc::owner {

inline constexpr std::size_t kAesKeySize = 16;
inline constexpr std::size_t kAesBlockSize = 16;

// AES-128-CTR, which encrypts and decrypts alike. All 128 bits of `iv` are the initial counter, big
// endian, and the counter wraps to zero after all ones (README.md here). `out` is as long as
// `in`.
void aes_128_ctr(core::ByteView key, core::ByteView iv, core::ByteView in, core::ByteSpan out);

}  // namespace oskbc::owner
