// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <openssl/evp.h>

#include "base/bytes.h"

namespace oskbc::bench {

// What cannot be had faster from OpenSSL: the cipher fetched once, one context for all calls. Each
// call gets its key, as each packet may have another.
class BareDecryption {
 public:
  BareDecryption();

  // False where the tag is wrong.
  bool operator()(core::ByteView key, core::ByteView iv, core::ByteView wrapped,
                  core::ByteSpan out);

 private:
  std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> cipher_;
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
};

}  // namespace oskbc::bench
