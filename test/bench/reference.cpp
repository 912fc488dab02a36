// SPDX-License-Identifier: Apache-2.0
#include "bench/reference.h"

#include <stdexcept>

#include "base/wrap_type.h"

namespace oskbc::bench {

BareDecryption::BareDecryption()
    : cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr), &EVP_CIPHER_free),
      context_(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free) {
  if (!cipher_ || !context_ ||
      EVP_DecryptInit_ex(context_.get(), cipher_.get(), nullptr, nullptr, nullptr) != 1) {
    throw std::runtime_error("no AES-256-GCM in OpenSSL");
  }
}

bool BareDecryption::operator()(core::ByteView key, core::ByteView iv, core::ByteView wrapped,
                                core::ByteSpan out) {
  const std::size_t size = wrapped.size() - core::kGcmTagSize;
  auto* tag = const_cast<std::uint8_t*>(wrapped.data() + size);
  int written = 0;
  return EVP_DecryptInit_ex(context_.get(), nullptr, nullptr, key.data(), iv.data()) == 1 &&
         EVP_DecryptUpdate(context_.get(), out.data(), &written, wrapped.data(),
                           static_cast<int>(size)) == 1 &&
         EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, core::kGcmTagSize, tag) == 1 &&
         EVP_DecryptFinal_ex(context_.get(), out.data() + written, &written) == 1;
}

}  // namespace oskbc::bench
