// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "base/secret_bytes.h"

namespace oskbc::owner {

// The key derivation of the SEV API: NIST SP 800-108 in counter mode over HMAC-SHA256, with the
// counter and the length in bits little endian. OpenSSL's KBKDF has both big endian and gives other
// keys.
[[nodiscard]] core::SecretBytes derive_key(core::ByteView key, std::string_view label,
                                           core::ByteView context, std::size_t size);

}  // namespace oskbc::owner
