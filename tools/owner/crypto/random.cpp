// SPDX-License-Identifier: Apache-2.0
#include "owner/crypto/random.h"

#include <openssl/rand.h>

#include "owner/crypto/openssl.h"

namespace oskbc::owner {

void SystemRandom::fill(core::ByteSpan out) {
  const ossl::ErrorQueueMark mark;
  ossl::require(RAND_priv_bytes_ex(ossl::library(), out.data(), out.size(), 0) == 1,
                "get random bytes");
}

}  // namespace oskbc::owner
