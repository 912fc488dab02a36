// SPDX-License-Identifier: Apache-2.0

#include "owner/crypto/aes.h"

#include <climits>

#include "base/error.h"
#include "base/status.h"
#include "owner/crypto/openssl.h"

namespace oskbc::owner {
namespace {

using core::Bytes;
using core::ByteSpan;
using core::ByteView;

int size_of(ByteView bytes) { return static_cast<int>(bytes.size()); }

// One message under one key and IV, in either direction.
class Gcm {
 public:
  Gcm(ByteView key, ByteView iv, bool encrypting)
      : context_(ossl::made(core::evp::CipherContext(EVP_CIPHER_CTX_new()))) {
    ossl::require(key.size() == kGcmKeySize && iv.size() == kGcmIvSize, "seal with these lengths");
    const core::evp::Cipher cipher(EVP_CIPHER_fetch(ossl::library(), "AES-256-GCM", nullptr));
    ossl::require(cipher && EVP_CipherInit_ex2(context_.get(), cipher.get(), key.data(), iv.data(),
                                               encrypting ? 1 : 0, nullptr) == 1,
                  "start AES-256-GCM");
  }

  void bind(ByteView bytes) { update(bytes, nullptr); }
  void run(ByteView in, ByteSpan out) { update(in, out.data()); }

  void get_tag(ByteSpan tag) {
    int length = 0;
    ossl::require(EVP_CipherFinal_ex(context_.get(), tag.data(), &length) == 1 &&
                      EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, size_of(tag),
                                          tag.data()) == 1,
                  "make a tag");
  }
  [[nodiscard]] bool verify_tag(ByteView tag) {
    std::uint8_t nothing = 0;
    int length = 0;
    // OpenSSL only reads it, and asks for a pointer to what may be written.
    auto* writable = const_cast<std::uint8_t*>(tag.data());
    return EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, size_of(tag), writable) ==
               1 &&
           EVP_CipherFinal_ex(context_.get(), &nothing, &length) == 1;
  }

 private:
  void update(ByteView in, std::uint8_t* out) {
    int length = 0;
    ossl::require(in.size() <= INT_MAX &&
                      EVP_CipherUpdate(context_.get(), out, &length, in.data(), size_of(in)) == 1,
                  "run AES-256-GCM");
  }

  core::evp::CipherContext context_;
};

}  // namespace

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

Bytes seal(ByteView key, ByteView bound, ByteView plain, Random& random) {
  const ossl::ErrorQueueMark mark;
  Bytes sealed(kGcmIvSize + plain.size() + kGcmTagSize);
  const ByteSpan all = sealed;
  const ByteSpan iv = all.first(kGcmIvSize);
  random.fill(iv);
  Gcm gcm(key, iv, true);
  gcm.bind(bound);
  gcm.run(plain, all.subspan(kGcmIvSize, plain.size()));
  gcm.get_tag(all.last(kGcmTagSize));
  return sealed;
}

core::SecretBytes unseal(ByteView key, ByteView bound, ByteView sealed) {
  const ossl::ErrorQueueMark mark;
  if (sealed.size() < kGcmIvSize + kGcmTagSize) {
    core::fail(core::Status::decrypt, "what was sealed is too short");
  }
  core::SecretBytes plain(sealed.size() - kGcmIvSize - kGcmTagSize);
  Gcm gcm(key, sealed.first(kGcmIvSize), false);
  gcm.bind(bound);
  gcm.run(sealed.subspan(kGcmIvSize, plain.size()), plain.expose_writable());
  if (!gcm.verify_tag(sealed.last(kGcmTagSize))) {
    core::fail(core::Status::decrypt,
               "what was sealed does not open: the key is wrong, or it was altered");
  }
  return plain;
}

}  // namespace oskbc::owner
