// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "owner/crypto/random.h"

namespace oskbc::owner {

inline constexpr std::size_t kAesKeySize = 16;
inline constexpr std::size_t kAesBlockSize = 16;

// AES-128-CTR, which encrypts and decrypts alike. All 128 bits of `iv` are the initial counter, big
// endian, and the counter wraps to zero after all ones (README.md here). `out` is as long as
// `in`.
void aes_128_ctr(core::ByteView key, core::ByteView iv, core::ByteView in, core::ByteSpan out);

// AES-256-GCM for what the owner's side keeps of secrets outside its memory.

inline constexpr std::size_t kGcmKeySize = 32;
inline constexpr std::size_t kGcmIvSize = 12;
inline constexpr std::size_t kGcmTagSize = 16;

// IV, ciphertext and tag, one after the other. `bound` is not in there, but opening needs it: what
// was sealed for one use does not open for another.
[[nodiscard]] core::Bytes seal(core::ByteView key, core::ByteView bound, core::ByteView plain,
                               Random& random);

// Throws Status::decrypt for any other key or `bound`, and if a bit of `sealed` was changed.
[[nodiscard]] core::SecretBytes unseal(core::ByteView key, core::ByteView bound,
                                       core::ByteView sealed);

}  // namespace oskbc::owner
