// SPDX-License-Identifier: Apache-2.0
#include "fuzz/seal.h"

#include "crypto/evp.h"
#include "fuzz/fuzz_common.h"

namespace oskbc::fuzz {
namespace {

const EVP_CIPHER* cipher_of(core::WrapType type) {
  static const core::evp::Cipher gcm(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  static const core::evp::Cipher ctr(EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr));
  return type == core::WrapType::a256gcm ? gcm.get() : ctr.get();
}

}  // namespace

core::Bytes seal(core::WrapType type, ByteView key, ByteView iv, ByteView plain) {
  const core::evp::CipherContext context(EVP_CIPHER_CTX_new());
  const auto tag = static_cast<int>(core::tag_size(type));
  core::Bytes out(plain.size() + core::tag_size(type) + 1);
  int written = 0;
  int rest = 0;
  const bool sealed =
      EVP_EncryptInit_ex2(context.get(), cipher_of(type), key.data(), iv.data(), nullptr) == 1 &&
      EVP_EncryptUpdate(context.get(), out.data(), &written, plain.data(),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), out.data() + written, &rest) == 1 &&
      (tag == 0 || EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag,
                                       out.data() + plain.size()) == 1);
  require(sealed, "OpenSSL seals");
  out.pop_back();
  return out;
}

}  // namespace oskbc::fuzz
