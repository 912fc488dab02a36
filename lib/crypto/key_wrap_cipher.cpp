// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_wrap_cipher.h"

#include <climits>
#include <new>

#include <openssl/rand.h>

#include "base/secret_bytes.h"
#include "base/status.h"

namespace oskbc::core {
namespace {

evp::Cipher fetch(OSSL_LIB_CTX* library, const char* name) {
  evp::Cipher cipher(EVP_CIPHER_fetch(library, name, nullptr));
  if (!cipher) fail(Status::internal, "OpenSSL has no %s", name);
  return cipher;
}

evp::CipherContext new_context() {
  evp::CipherContext context(EVP_CIPHER_CTX_new());
  if (!context) throw std::bad_alloc();
  return context;
}

// EVP's lengths are of type int; packets are bounded far below.
bool fits_evp(std::size_t size) { return size <= INT_MAX; }

bool decrypt(const EVP_CIPHER* cipher, ByteView kek, ByteView iv, ByteView data, ByteView tag,
             ByteSpan out) {
  const evp::CipherContext context = new_context();
  EVP_CIPHER_CTX* c = context.get();
  if (EVP_DecryptInit_ex2(c, cipher, kek.data(), iv.data(), nullptr) != 1) return false;
  // OpenSSL does not write to the tag, but takes it as void*.
  auto* expected_tag = const_cast<std::uint8_t*>(tag.data());
  const int tag_length = static_cast<int>(tag.size());
  if (!tag.empty() &&
      EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, tag_length, expected_tag) != 1) {
    return false;
  }
  int length = 0;
  if (!data.empty() &&
      EVP_DecryptUpdate(c, out.data(), &length, data.data(), static_cast<int>(data.size())) != 1) {
    return false;
  }
  std::uint8_t rest[EVP_MAX_BLOCK_LENGTH];
  return EVP_DecryptFinal_ex(c, rest, &length) == 1;
}

bool encrypt(const EVP_CIPHER* cipher, ByteView kek, ByteView iv, ByteView plain, ByteSpan out,
             ByteSpan tag) {
  const evp::CipherContext context = new_context();
  EVP_CIPHER_CTX* c = context.get();
  if (EVP_EncryptInit_ex2(c, cipher, kek.data(), iv.data(), nullptr) != 1) return false;
  int length = 0;
  if (!plain.empty() && EVP_EncryptUpdate(c, out.data(), &length, plain.data(),
                                          static_cast<int>(plain.size())) != 1) {
    return false;
  }
  std::uint8_t rest[EVP_MAX_BLOCK_LENGTH];
  if (EVP_EncryptFinal_ex(c, rest, &length) != 1) return false;
  const int tag_length = static_cast<int>(tag.size());
  return tag.empty() || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, tag_length, tag.data()) == 1;
}

}  // namespace

KeyWrapCipher::KeyWrapCipher() : library_(OSSL_LIB_CTX_new()) {
  if (!library_) throw std::bad_alloc();
  const evp::ErrorQueueMark mark;
  gcm_ = fetch(library_.get(), "AES-256-GCM");
  ctr_ = fetch(library_.get(), "AES-256-CTR");
}

const EVP_CIPHER* KeyWrapCipher::cipher(WrapType type) const noexcept {
  return type == WrapType::a256gcm ? gcm_.get() : ctr_.get();
}

std::size_t KeyWrapCipher::unwrapped_size(WrapType type, std::size_t wrapped_size) noexcept {
  return wrapped_size < tag_size(type) ? 0 : wrapped_size - tag_size(type);
}

void KeyWrapCipher::unwrap(WrapType type, ByteView kek, ByteView iv, ByteView wrapped,
                           ByteSpan out) const {
  const evp::ErrorQueueMark mark;
  const std::size_t size = unwrapped_size(type, wrapped.size());
  const bool lengths_fit = kek.size() == kKekSize && iv.size() == iv_size(type) &&
                           wrapped.size() == size + tag_size(type) && out.size() == size &&
                           fits_evp(wrapped.size());
  if (lengths_fit &&
      decrypt(cipher(type), kek, iv, wrapped.first(size), wrapped.subspan(size), out)) {
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
  const bool lengths_fit = iv.size() == iv_size(type) && fits_evp(wrapped.size()) &&
                           wrapped.size() == plain.size() + tag_size(type);
  if (!lengths_fit) fail(Status::internal, "wrapping was called with buffers of other lengths");
  if (RAND_bytes_ex(library_.get(), iv.data(), iv.size(), 0) != 1 ||
      !encrypt(cipher(type), kek, iv, plain, wrapped.first(plain.size()),
               wrapped.subspan(plain.size()))) {
    fail(Status::internal, "OpenSSL could not wrap the key");
  }
}

}  // namespace oskbc::core
