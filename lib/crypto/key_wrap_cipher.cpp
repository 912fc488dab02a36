// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_wrap_cipher.h"

#include <sys/random.h>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"

namespace oskbc::core {

KeyWrapCipher::KeyWrapCipher() : gcm_(provider_, "AES-256-GCM"), ctr_(provider_, "AES-256-CTR") {}

const ProviderCipher& KeyWrapCipher::cipher(WrapType type) const noexcept {
  return type == WrapType::a256gcm ? gcm_ : ctr_;
}

std::size_t KeyWrapCipher::unwrapped_size(WrapType type, std::size_t wrapped_size) noexcept {
  return wrapped_size < tag_size(type) ? 0 : wrapped_size - tag_size(type);
}

void KeyWrapCipher::unwrap(WrapType type, ByteView kek, ByteView iv, ByteView wrapped,
                           ByteSpan out) const {
  const std::size_t size = unwrapped_size(type, wrapped.size());
  const bool lengths_fit = kek.size() == kKekSize && iv.size() == iv_size(type) &&
                           wrapped.size() == size + tag_size(type) && out.size() == size;
  if (lengths_fit &&
      cipher(type).decrypt(kek, iv, wrapped.first(size), wrapped.subspan(size), out)) {
    return;
  }
  wipe(out);
  fail(Status::decrypt,
       "the packet does not open with its key: wrong key, or the packet was altered");
}

void KeyWrapCipher::wrap(WrapType type, ByteView kek, ByteView plain, ByteSpan iv,
                         ByteSpan wrapped) const {
  if (kek.size() != kKekSize) {
    fail(Status::argument, "the key has %zu bytes; wrapping needs %zu", kek.size(), kKekSize);
  }
  const evp::ErrorQueueMark mark;
  const bool lengths_fit =
      iv.size() == iv_size(type) && wrapped.size() == plain.size() + tag_size(type);
  if (!lengths_fit) fail(Status::internal, "wrapping was called with buffers of other lengths");
  // The kernel's generator, because OpenSSL's looks for engines, too.
  if (getentropy(iv.data(), iv.size()) != 0 ||
      !cipher(type).encrypt(kek, iv, plain, wrapped.first(plain.size()),
                            wrapped.subspan(plain.size()))) {
    fail(Status::internal, "the key could not be wrapped");
  }
}

}  // namespace oskbc::core
