// SPDX-License-Identifier: Apache-2.0
#include "owner/aes_ctr.h"

#include <climits>

#include "owner/openssl.h"

namespace oskbc::owner {

void aes_128_ctr(core::ByteView key, core::ByteView iv, core::ByteView in, core::ByteSpan out) {
  const ossl::ErrorQueueMark mark;
  ossl::require(key.size() == kAesKeySize && iv.size() == kAesBlockSize &&
                    in.size() == out.size() && in.size() <= INT_MAX,
                "encrypt with these lengths");
  const core::evp::Cipher cipher(EVP_CIPHER_fetch(ossl::library(), "AES-128-CTR", nullptr));
  const auto context = ossl::made(core::evp::CipherContext(EVP_CIPHER_CTX_new()));
  EVP_CIPHER_CTX* c = context.get();
  int length = 0;
  const bool worked =
      cipher && EVP_EncryptInit_ex2(c, cipher.get(), key.data(), iv.data(), nullptr) == 1 &&
      (in.empty() ||
       EVP_EncryptUpdate(c, out.data(), &length, in.data(), static_cast<int>(in.size())) == 1);
  ossl::require(worked, "encrypt");
}

}  // namespace oskbc::owner
