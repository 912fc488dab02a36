// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/core_dispatch.h>

#include "base/bytes.h"
#include "crypto/evp.h"

namespace oskbc::core {

// OpenSSL's default provider, loaded into a library context of its own: neither OpenSSL's
// configuration file nor what the process did to the default context has a say.
class CipherProvider {
 public:
  CipherProvider();

  [[nodiscard]] OSSL_PROVIDER* get() const noexcept { return provider_.get(); }
  // The functions of an algorithm: `operation` is OSSL_OP_..., `name` the first of OpenSSL's names.
  // Throws Status::internal if there is none.
  [[nodiscard]] const OSSL_DISPATCH* find(int operation, const char* name) const;

 private:
  // In this order, because the provider lives in the context.
  evp::LibraryContext library_;
  evp::Provider provider_;
};

// One cipher of the provider, called by its own functions (provider-cipher(7)). Thread-safe: every
// call has a context of its own, which the provider cleanses.
//
// Why not EVP, with a cipher that EVP_CIPHER_fetch() found in a library context of our own: its
// first EVP_DecryptInit_ex2() opens openssl.cnf all the same (strace(1), OpenSSL 3.0). It asks for
// engines before anything else, and asking for engines loads the configuration into the default
// context of the process, where it may name engines and providers to run; a library can't turn that
// off without turning it off for its whole process. Besides, an unwrap takes 1.2 times as many
// instructions by EVP, and a first opening with 48 keys 52 times: 6.5 million instead of 0.12,
// nearly all of them for the fetch, which enters all algorithms of the provider into EVP's tables.
class ProviderCipher {
 public:
  // `name` is the first of OpenSSL's names. Lives no longer than the provider.
  ProviderCipher(const CipherProvider& provider, const char* name);

  // Both take key, IV and tag of the cipher's own lengths, an empty tag for a cipher without, and
  // an `out` as long as the input. False if OpenSSL refuses, for a wrong tag say.
  [[nodiscard]] bool decrypt(ByteView key, ByteView iv, ByteView in, ByteView tag,
                             ByteSpan out) const;
  [[nodiscard]] bool encrypt(ByteView key, ByteView iv, ByteView in, ByteSpan out,
                             ByteSpan tag) const;
  // The same as decrypt() with associated data, in one place.
  [[nodiscard, gnu::cold]] bool decrypt_with(ByteView associated, ByteView key, ByteView iv,
                                             ByteSpan text, ByteView tag) const;
  // AES key unwrap (RFC 3394) by a cipher in ECB mode: OpenSSL's own AES-256-WRAP looks up what the
  // key says in tables, which takes a time that tells of it (test/constant_time/). `key` has eight
  // bytes less than `wrapped`; what is there after a refusal is the caller's to wipe.
  [[nodiscard, gnu::cold]] bool unwrap_key(ByteView kek, ByteView wrapped, ByteSpan key) const;

 private:
  class Context;
  // Inlined, because every unwrap comes through here.
  [[nodiscard, gnu::always_inline]] inline bool start(const Context& context, ByteView key,
                                                      ByteView iv, ByteView tag) const;
  void take_functions(const OSSL_DISPATCH* functions);

  void* provider_context_;
  OSSL_FUNC_cipher_newctx_fn* new_context_ = nullptr;
  OSSL_FUNC_cipher_freectx_fn* free_context_ = nullptr;
  OSSL_FUNC_cipher_encrypt_init_fn* encrypt_init_ = nullptr;
  OSSL_FUNC_cipher_decrypt_init_fn* decrypt_init_ = nullptr;
  OSSL_FUNC_cipher_update_fn* update_ = nullptr;
  OSSL_FUNC_cipher_final_fn* final_ = nullptr;
  OSSL_FUNC_cipher_get_ctx_params_fn* get_params_ = nullptr;
};

}  // namespace oskbc::core
