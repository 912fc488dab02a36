// SPDX-License-Identifier: Apache-2.0

#include "owner/crypto/private_key.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <openssl/obj_mac.h>
#include <openssl/params.h>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"
#include "owner/crypto/openssl.h"
#include "owner/crypto/public_key.h"

namespace oskbc::owner {
namespace {

using core::ByteView;
using core::SecretBytes;

// Made once: that takes longer than an HMAC or two.
const EC_GROUP* curve() {
  static const ossl::Group kCurve = ossl::made(
      ossl::Group(EC_GROUP_new_by_curve_name_ex(ossl::library(), nullptr, NID_secp384r1)));
  return kCurve.get();
}

bool is_in_range(ByteView scalar) {
  if (scalar.size() != p384::kSize) return false;
  const ossl::Number number =
      ossl::made(ossl::Number(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr)));
  return BN_is_zero(number.get()) == 0 && BN_cmp(number.get(), EC_GROUP_get0_order(curve())) < 0;
}

// EVP imports a private key only together with its public one.
p384::Point public_point(ByteView scalar) {
  const EC_GROUP* group = curve();
  const ossl::NumberContext context =
      ossl::made(ossl::NumberContext(BN_CTX_secure_new_ex(ossl::library())));
  const ossl::Number number =
      ossl::made(ossl::Number(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr)));
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  const ossl::Point point = ossl::made(ossl::Point(EC_POINT_new(group)));
  p384::EncodedPoint encoded{};
  const bool worked =
      EC_POINT_mul(group, point.get(), number.get(), nullptr, nullptr, context.get()) == 1 &&
      EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                         encoded.size(), context.get()) == encoded.size();
  ossl::require(worked, "compute a public key");
  return p384::decode(encoded);
}

// OSSL_PARAM has integers in the machine's byte order. The array is filled by hand, because
// OSSL_PARAM_BLD's copy of a private number is not wiped.
SecretBytes native_scalar(ByteView scalar) {
  SecretBytes bytes(scalar.size());
  std::ranges::copy(scalar, bytes.expose_writable().begin());
  if constexpr (std::endian::native == std::endian::little) {
    std::ranges::reverse(bytes.expose_writable());
  }
  return bytes;
}

ossl::Key import_pair(ByteView scalar, const p384::Point& point) {
  SecretBytes number = native_scalar(scalar);
  p384::EncodedPoint encoded = p384::encode(point);
  char group[] = "P-384";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size()),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, number.expose_writable().data(),
                              number.size()),
      OSSL_PARAM_construct_end()};
  const ossl::KeyContext context =
      ossl::made(ossl::KeyContext(EVP_PKEY_CTX_new_from_name(ossl::library(), "EC", nullptr)));
  EVP_PKEY* key = nullptr;
  ossl::require(EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters) == 1,
                "take a private key");
  return ossl::Key(key);
}

p384::Signature numbers_of(const core::Bytes& der) {
  const unsigned char* cursor = der.data();
  const ossl::EcdsaSignature numbers(
      d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(der.size())));
  p384::Signature signature;
  constexpr int kSize = p384::kSize;
  ossl::require(
      numbers &&
          BN_bn2binpad(ECDSA_SIG_get0_r(numbers.get()), signature.r.data(), kSize) == kSize &&
          BN_bn2binpad(ECDSA_SIG_get0_s(numbers.get()), signature.s.data(), kSize) == kSize,
      "read a signature");
  return signature;
}

}  // namespace

PrivateKey PrivateKey::from_scalar(ByteView scalar) {
  const ossl::ErrorQueueMark mark;
  if (!is_in_range(scalar)) {
    core::fail(core::Status::argument, "a private number is out of the range of P-384");
  }
  const p384::Point point = public_point(scalar);
  return {import_pair(scalar, point), point};
}

PrivateKey PrivateKey::generate(Random& random) {
  SecretBytes scalar(p384::kSize);
  do {
    random.fill(scalar.expose_writable());
  } while (!is_in_range(scalar.expose()));
  return from_scalar(scalar.expose());
}

p384::Signature PrivateKey::sign(HashAlgorithm hash, ByteView data) const {
  const ossl::ErrorQueueMark mark;
  const ossl::DigestContext context = ossl::made(ossl::DigestContext(EVP_MD_CTX_new()));
  std::size_t size = 0;
  ossl::require(EVP_DigestSignInit_ex(context.get(), nullptr, name_of(hash), ossl::library(),
                                      nullptr, key_.get(), nullptr) == 1 &&
                    EVP_DigestSign(context.get(), nullptr, &size, data.data(), data.size()) == 1,
                "start a signature");
  core::Bytes der(size);
  ossl::require(EVP_DigestSign(context.get(), der.data(), &size, data.data(), data.size()) == 1,
                "sign");
  der.resize(size);
  return numbers_of(der);
}

core::SecretBytes shared_secret(const PrivateKey& key, const p384::Point& peer) {
  const ossl::ErrorQueueMark mark;
  const std::optional<PublicKey> other = PublicKey::from_point(peer);
  if (!other)
    core::fail(core::Status::argument, "the other side's public key is not a point of P-384");
  const ossl::KeyContext context =
      ossl::made(ossl::KeyContext(EVP_PKEY_CTX_new_from_pkey(ossl::library(), key.get(), nullptr)));
  core::SecretBytes z(p384::kSize);
  std::size_t size = z.size();
  // from_point() has validated it.
  const bool worked = EVP_PKEY_derive_init(context.get()) == 1 &&
                      EVP_PKEY_derive_set_peer_ex(context.get(), other->get(), 0) == 1 &&
                      EVP_PKEY_derive(context.get(), z.expose_writable().data(), &size) == 1;
  ossl::require(worked && size == z.size(), "derive a shared secret");
  return z;
}

}  // namespace oskbc::owner
