// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "base/wrap_type.h"

namespace oskbc::fuzz {

// Encrypts through OpenSSL's usual interface, which the library does not use: the second
// implementation, and the one that knows what was really sealed. A256GCM appends its tag. For
// A256CTR it is decryption as well.
[[nodiscard]] core::Bytes seal(core::WrapType type, core::ByteView key, core::ByteView iv,
                               core::ByteView plain);

}  // namespace oskbc::fuzz
