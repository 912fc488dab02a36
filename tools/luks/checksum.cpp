// SPDX-License-Identifier: Apache-2.0
#include "luks/checksum.h"

#include <new>

#include "crypto/evp.h"

namespace oskbc::luks {

// In a context of its own: the machine's openssl.cnf has no say in it.
Checksum checksum_of(core::ByteView bytes) {
  using Digest = std::unique_ptr<EVP_MD, core::evp::Deleter<EVP_MD_free>>;
  const core::evp::ErrorQueueMark mark;
  const core::evp::LibraryContext library(OSSL_LIB_CTX_new());
  const Digest sha256(library ? EVP_MD_fetch(library.get(), "SHA256", nullptr) : nullptr);
  Checksum sum{};
  if (!sha256 ||
      EVP_Digest(bytes.data(), bytes.size(), sum.data(), nullptr, sha256.get(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return sum;
}

}  // namespace oskbc::luks
