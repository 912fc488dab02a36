// SPDX-License-Identifier: Apache-2.0

#include "owner/crypto/public_key.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <openssl/params.h>
#include <openssl/rsa.h>

#include "common/binary.h"

namespace oskbc::owner {
namespace {

using core::Bytes;
using core::ByteView;

constexpr std::uint8_t kUncompressed = 4;

ossl::Key import_public(const char* type, OSSL_PARAM* parameters) {
  const ossl::KeyContext context =
      ossl::made(ossl::KeyContext(EVP_PKEY_CTX_new_from_name(ossl::library(), type, nullptr)));
  EVP_PKEY* key = nullptr;
  const bool worked = EVP_PKEY_fromdata_init(context.get()) == 1 &&
                      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1;
  return ossl::Key(worked ? key : nullptr);
}

// The quick check is the whole one for P-384: its cofactor is 1, so that every point of the curve
// but infinity has the group's order, and the long check's multiplication, a millisecond, finds
// nothing more (SP 800-56A, 5.6.2.3.4).
bool is_valid(EVP_PKEY* key) {
  const ossl::KeyContext context =
      ossl::made(ossl::KeyContext(EVP_PKEY_CTX_new_from_pkey(ossl::library(), key, nullptr)));
  return EVP_PKEY_public_check_quick(context.get()) == 1;
}

// OSSL_PARAM has integers in the machine's byte order, which is little endian wherever SEV is.
Bytes native(ByteView big_endian) {
  Bytes bytes(big_endian.begin(), big_endian.end());
  if constexpr (std::endian::native == std::endian::little) std::ranges::reverse(bytes);
  return bytes;
}

bool is_one_or_even(ByteView big_endian) {
  const bool is_one =
      big_endian.back() == 1 && tools::all_zero(big_endian.first(big_endian.size() - 1));
  return is_one || big_endian.back() % 2 == 0;
}

Bytes der(const p384::Signature& signature) {
  const ossl::EcdsaSignature numbers = ossl::made(ossl::EcdsaSignature(ECDSA_SIG_new()));
  ossl::Number r = ossl::made(ossl::Number(BN_bin2bn(signature.r.data(), p384::kSize, nullptr)));
  ossl::Number s = ossl::made(ossl::Number(BN_bin2bn(signature.s.data(), p384::kSize, nullptr)));
  ossl::require(ECDSA_SIG_set0(numbers.get(), r.get(), s.get()) == 1, "take a signature");
  static_cast<void>(r.release());  // now the signature's
  static_cast<void>(s.release());
  Bytes encoded(static_cast<std::size_t>(std::max(0, i2d_ECDSA_SIG(numbers.get(), nullptr))));
  unsigned char* cursor = encoded.data();
  ossl::require(i2d_ECDSA_SIG(numbers.get(), &cursor) > 0, "encode a signature");
  return encoded;
}

bool verify(EVP_PKEY* key, HashAlgorithm hash, bool pss, ByteView data, ByteView signature) {
  const ossl::DigestContext context = ossl::made(ossl::DigestContext(EVP_MD_CTX_new()));
  EVP_PKEY_CTX* options = nullptr;  // the digest context's
  if (EVP_DigestVerifyInit_ex(context.get(), &options, name_of(hash), ossl::library(), nullptr, key,
                              nullptr) != 1) {
    return false;
  }
  // The salt's length is the signer's choice.
  if (pss && (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
              EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_AUTO) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(),
                          data.size()) == 1;
}

}  // namespace

p384::EncodedPoint p384::encode(const Point& point) noexcept {
  EncodedPoint encoded{kUncompressed};
  std::ranges::copy(point.x, encoded.begin() + 1);
  std::ranges::copy(point.y, encoded.begin() + 1 + kSize);
  return encoded;
}

p384::Point p384::decode(const EncodedPoint& encoded) noexcept {
  const core::ByteView bytes = encoded;
  Point point;
  std::ranges::copy(bytes.subspan(1, kSize), point.x.begin());
  std::ranges::copy(bytes.subspan(1 + kSize), point.y.begin());
  return point;
}

const char* name_of(HashAlgorithm hash) noexcept {
  return hash == HashAlgorithm::sha256 ? "SHA256" : "SHA384";
}

std::optional<PublicKey> PublicKey::from_point(const p384::Point& point) {
  const ossl::ErrorQueueMark mark;
  p384::EncodedPoint encoded = p384::encode(point);
  char group[] = "P-384";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size()),
      OSSL_PARAM_construct_end()};
  ossl::Key key = import_public("EC", parameters);
  if (!key || !is_valid(key.get())) return std::nullopt;
  return PublicKey(std::move(key));
}

std::optional<PublicKey> PublicKey::from_rsa(ByteView modulus, ByteView exponent) {
  const ossl::ErrorQueueMark mark;
  if (modulus.front() < 0x80 || is_one_or_even(modulus) || is_one_or_even(exponent)) {
    return std::nullopt;
  }
  Bytes n = native(modulus);
  Bytes e = native(exponent);
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n.data(), n.size()),
                             OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e.data(), e.size()),
                             OSSL_PARAM_construct_end()};
  ossl::Key key = import_public("RSA", parameters);
  if (!key) return std::nullopt;
  return PublicKey(std::move(key), modulus.size());
}

bool PublicKey::verifies(HashAlgorithm hash, ByteView data,
                         const p384::Signature& signature) const {
  const ossl::ErrorQueueMark mark;
  return !is_rsa() && verify(key_.get(), hash, false, data, der(signature));
}

bool PublicKey::verifies_pss(HashAlgorithm hash, ByteView data, ByteView field) const {
  const ossl::ErrorQueueMark mark;
  if (!is_rsa() || field.size() < rsa_size_ || !tools::all_zero(field.subspan(rsa_size_)))
    return false;
  Bytes signature(rsa_size_);
  tools::copy_reversed(field.first(rsa_size_), signature);
  return verify(key_.get(), hash, true, data, signature);
}

}  // namespace oskbc::owner
