// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "crypto/provider_cipher.h"

// What a keyset in a file needs of OpenSSL, which is not loaded a second time for it.
namespace oskbc::core {

using Sha256 = std::array<std::uint8_t, 32>;
// Of what is no secret.
[[nodiscard, gnu::cold]] Sha256 sha256(const CipherProvider& provider, ByteView bytes);

// Decrypts A256GCM in its own place. False if OpenSSL refuses, for a wrong key or tag say; the text
// is wiped then.
[[nodiscard, gnu::cold]] bool open_gcm(const CipherProvider& provider, ByteView key, ByteView iv,
                                       ByteView associated, ByteView tag, ByteSpan text);

// A256KW (RFC 3394): `key` has eight bytes less than `wrapped`. False for a wrong key; what is in
// `key` then is the caller's to wipe.
[[nodiscard, gnu::cold]] bool unwrap_key(const CipherProvider& provider, ByteView kek,
                                         ByteView wrapped, ByteSpan key);

}  // namespace oskbc::core
