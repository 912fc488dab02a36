// SPDX-License-Identifier: Apache-2.0
#include "platform_certificates.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "common/binary.h"
#include "owner/certificates/sev_certificate.h"
#include "owner/crypto/openssl.h"
#include "owner/crypto/random.h"

namespace oskbc::test {
namespace {

using core::Bytes;
using core::ByteSpan;
using core::ByteView;
using owner::Algorithm;
using owner::PrivateKey;
using owner::Usage;

constexpr std::size_t kRsaBits = 2048;
constexpr std::size_t kRsaSize = kRsaBits / 8;
constexpr std::size_t kSignedSize = 1044;

void check(bool worked) {
  if (!worked) throw std::runtime_error("OpenSSL failed to make a certificate");
}

void put_u32(Bytes& bytes, std::size_t offset, std::uint32_t value) {
  tools::store_le(bytes, offset, value);
}

void put_code(Bytes& bytes, std::size_t offset, auto code) {
  put_u32(bytes, offset, static_cast<std::uint32_t>(code));
}

Bytes unsigned_certificate(Usage usage, const PrivateKey& key) {
  Bytes bytes(owner::SevCertificate::kSize);
  put_u32(bytes, 0, 1);
  bytes[4] = 1;  // API 1.55
  bytes[5] = 55;
  put_code(bytes, 8, usage);
  put_code(bytes, 12, usage == Usage::pdh ? Algorithm::ecdh_sha256 : Algorithm::ecdsa_sha256);
  put_u32(bytes, 16, 2);
  std::ranges::reverse_copy(key.point().x, bytes.begin() + 20);
  std::ranges::reverse_copy(key.point().y, bytes.begin() + 92);
  put_code(bytes, 1044, Usage::none);
  put_code(bytes, 1564, Usage::none);
  return bytes;
}

void sign(Bytes& bytes, std::size_t place, Usage signer, const PrivateKey& key) {
  const ByteView data = ByteView(bytes).first(kSignedSize);
  const auto signature = key.sign(owner::HashAlgorithm::sha256, data);
  put_code(bytes, place, signer);
  put_code(bytes, place + 4, Algorithm::ecdsa_sha256);
  const auto value = bytes.begin() + static_cast<std::ptrdiff_t>(place) + 8;
  std::ranges::reverse_copy(signature.r, value);
  std::ranges::reverse_copy(signature.s, value + 72);
}

owner::ossl::Key make_rsa_key() {
  owner::ossl::Key key(EVP_PKEY_Q_keygen(owner::ossl::library(), nullptr, "RSA", kRsaBits));
  check(key != nullptr);
  return key;
}

Bytes rsa_number(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  check(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  const owner::ossl::Number owned(number);
  Bytes bytes(kRsaSize);
  check(BN_bn2lebinpad(number, bytes.data(), static_cast<int>(bytes.size())) >= 0);
  return bytes;
}

// PSS with SHA-256, little endian.
Bytes sign_rsa(EVP_PKEY* key, ByteView data) {
  const owner::ossl::DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  check(EVP_DigestSignInit_ex(context.get(), &options, "SHA256", owner::ossl::library(), nullptr,
                              key, nullptr) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
        EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1);
  Bytes signature(kRsaSize);
  std::size_t size = signature.size();
  check(EVP_DigestSign(context.get(), signature.data(), &size, data.data(), data.size()) == 1);
  std::ranges::reverse(signature);
  return signature;
}

void append(Bytes& bytes, ByteView more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

struct AmdKey {
  owner::ossl::Key key = make_rsa_key();
  std::uint8_t id = 0;  // fills the key id
};

Bytes amd_certificate(Usage usage, const AmdKey& subject, const AmdKey& signer) {
  Bytes bytes(64);
  put_u32(bytes, 0, 1);
  std::fill_n(bytes.begin() + 4, 16, subject.id);
  std::fill_n(bytes.begin() + 20, 16, signer.id);
  put_code(bytes, 36, usage);
  put_u32(bytes, 56, kRsaBits);
  put_u32(bytes, 60, kRsaBits);
  append(bytes, rsa_number(subject.key.get(), OSSL_PKEY_PARAM_RSA_E));
  append(bytes, rsa_number(subject.key.get(), OSSL_PKEY_PARAM_RSA_N));
  append(bytes, sign_rsa(signer.key.get(), bytes));
  return bytes;
}

void sign_by_ask(Bytes& bytes, const AmdKey& ask) {
  const Bytes signature = sign_rsa(ask.key.get(), ByteView(bytes).first(kSignedSize));
  put_code(bytes, 1044, Usage::ask);
  put_code(bytes, 1048, Algorithm::rsa_sha256);
  std::ranges::copy(signature, bytes.begin() + 1052);
}

}  // namespace

PlatformCertificates make_platform_certificates(const PrivateKey& pdh) {
  owner::SystemRandom random;
  const PrivateKey oca = PrivateKey::generate(random);
  const PrivateKey cek = PrivateKey::generate(random);
  const PrivateKey pek = PrivateKey::generate(random);
  const AmdKey ark{.id = 0xa1};
  const AmdKey ask{.id = 0xa5};
  PlatformCertificates made;
  made.pdh = unsigned_certificate(Usage::pdh, pdh);
  sign(made.pdh, 1044, Usage::pek, pek);
  made.pek = unsigned_certificate(Usage::pek, pek);
  sign(made.pek, 1044, Usage::oca, oca);
  sign(made.pek, 1564, Usage::cek, cek);
  made.oca = unsigned_certificate(Usage::oca, oca);
  sign(made.oca, 1044, Usage::oca, oca);
  made.exported_cek = unsigned_certificate(Usage::cek, cek);
  made.cek = made.exported_cek;
  sign_by_ask(made.cek, ask);
  made.ask = amd_certificate(Usage::ask, ask, ark);
  made.ark = amd_certificate(Usage::ark, ark, ark);
  return made;
}

}  // namespace oskbc::test
