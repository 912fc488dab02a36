// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret_bytes.h"
#include "owner/p384.h"
#include "owner/private_key.h"

namespace oskbc::owner {

// Z: the x coordinate of the shared point, 48 bytes, big endian, zeros in front where it is smaller
// (README.md here). Throws Status::argument for a peer that is not a point of P-384.
[[nodiscard]] core::SecretBytes shared_secret(const PrivateKey& key, const p384::Point& peer);

}  // namespace oskbc::owner
