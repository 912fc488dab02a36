// SPDX-License-Identifier: Apache-2.0
#include "agent/es256.h"

#include <array>
#include <new>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/params.h>

namespace oskbc::agent {
namespace {

using core::Bytes;
using core::ByteView;
using core::evp::Deleter;

using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

template <typename T>
T* required(T* pointer) {
  if (pointer == nullptr) throw std::bad_alloc();
  return pointer;
}

// Null where the point is not on the curve.
Pkey make_key(OSSL_LIB_CTX* library, const P256Point& point) {
  constexpr std::uint8_t kUncompressed = 4;
  Bytes encoded{kUncompressed};
  encoded.insert(encoded.end(), point.x.begin(), point.x.end());
  encoded.insert(encoded.end(), point.y.begin(), point.y.end());
  std::array<char, 6> curve{"P-256"};
  std::array params = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size()),
      OSSL_PARAM_construct_end()};
  const PkeyContext context(required(EVP_PKEY_CTX_new_from_name(library, "EC", nullptr)));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.data()) != 1) {
    return nullptr;
  }
  return Pkey(key);
}

// r and s as OpenSSL takes them: in DER.
Bytes encode_signature(ByteView signature) {
  const auto number = [](ByteView bytes) {
    return required(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  };
  const Signature pair(required(ECDSA_SIG_new()));
  // These belong to the pair from here on.
  ECDSA_SIG_set0(pair.get(), number(signature.first(kCoordinateSize)),
                 number(signature.subspan(kCoordinateSize)));
  Bytes encoded(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)));
  std::uint8_t* end = encoded.data();
  i2d_ECDSA_SIG(pair.get(), &end);
  return encoded;
}

}  // namespace

Es256::Es256() : library_(required(OSSL_LIB_CTX_new())) {
  const core::evp::ErrorQueueMark mark;
  sha256_.reset(required(EVP_MD_fetch(library_.get(), "SHA256", nullptr)));
}

bool Es256::verify(const P256Point& key, ByteView text, ByteView signature) const {
  if (key.x.size() != kCoordinateSize || key.y.size() != kCoordinateSize ||
      signature.size() != kSignatureSize) {
    return false;
  }
  const core::evp::ErrorQueueMark mark;
  const Pkey public_key = make_key(library_.get(), key);
  if (!public_key) return false;
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, sha256_.get(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  const PkeyContext context(
      required(EVP_PKEY_CTX_new_from_pkey(library_.get(), public_key.get(), nullptr)));
  const Bytes encoded = encode_signature(signature);
  return EVP_PKEY_verify_init(context.get()) == 1 &&
         EVP_PKEY_verify(context.get(), encoded.data(), encoded.size(), digest.data(),
                         digest.size()) == 1;
}

}  // namespace oskbc::agent
