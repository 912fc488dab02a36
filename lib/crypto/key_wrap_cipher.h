// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "base/wrap_type.h"
#include "crypto/provider_cipher.h"

namespace oskbc::core {

// Wraps and unwraps with a KEK: AES-256-GCM (12-byte IV, the tag in the last 16 bytes, no
// associated data) and AES-256-CTR (16-byte initial counter). Thread-safe.
class KeyWrapCipher {
 public:
  KeyWrapCipher();

  // For what else of OpenSSL is needed; loading it is most of what opening a client takes.
  [[nodiscard]] const CipherProvider& provider() const noexcept { return provider_; }

  // Bytes of plaintext in `wrapped_size` bytes, 0 where there is no room for a tag.
  [[nodiscard]] static std::size_t unwrapped_size(WrapType type, std::size_t wrapped_size) noexcept;

  // Decrypts into exactly unwrapped_size() bytes, which overlap nothing. Throws Status::decrypt
  // with one text for a key, IV or input of another length and for a wrong tag; `out` is wiped
  // then.
  void unwrap(WrapType type, ByteView kek, ByteView iv, ByteView wrapped, ByteSpan out) const;

  // Encrypts under a fresh random IV, which is written to `iv`; both outputs have exactly their
  // size. Throws Status::argument for a key of another length.
  void wrap(WrapType type, ByteView kek, ByteView plain, ByteSpan iv, ByteSpan wrapped) const;

 private:
  [[nodiscard]] const ProviderCipher& cipher(WrapType type) const noexcept;

  CipherProvider provider_;
  ProviderCipher gcm_;
  ProviderCipher ctr_;
};

}  // namespace oskbc::core
