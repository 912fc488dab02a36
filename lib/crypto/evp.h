// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

namespace oskbc::core::evp {

// Our failures must not be found in the error queue of a caller who uses OpenSSL too.
class ErrorQueueMark {
 public:
  ErrorQueueMark() noexcept { ERR_set_mark(); }
  ~ErrorQueueMark() { ERR_pop_to_mark(); }
  ErrorQueueMark(const ErrorQueueMark&) = delete;
  ErrorQueueMark& operator=(const ErrorQueueMark&) = delete;
};

// What is freed may fail, too: since 3.5 a library context leaves an error where memory is short.
template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const noexcept {
    const ErrorQueueMark mark;
    Free(pointer);
  }
};

using LibraryContext = std::unique_ptr<OSSL_LIB_CTX, Deleter<OSSL_LIB_CTX_free>>;
using Provider = std::unique_ptr<OSSL_PROVIDER, Deleter<OSSL_PROVIDER_unload>>;
using Cipher = std::unique_ptr<EVP_CIPHER, Deleter<EVP_CIPHER_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;

}  // namespace oskbc::core::evp
