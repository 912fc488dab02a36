// SPDX-License-Identifier: Apache-2.0
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/status.h"
#include "common/binary.h"
#include "fuzz/fuzz_common.h"
#include "owner/certificates/amd_certificate.h"
#include "owner/certificates/certificate_chain.h"
#include "owner/certificates/sev_certificate.h"
#include "owner/certificates/sev_certificate_parser.h"
#include "owner/crypto/openssl.h"

namespace oskbc::fuzz {
namespace {

using namespace owner;
using core::ByteSpan;

// Writes one of the key's numbers as OpenSSL has it, little endian.
void write_number(const PublicKey& key, const char* name, ByteSpan out) {
  BIGNUM* number = nullptr;
  require(EVP_PKEY_get_bn_param(key.get(), name, &number) == 1, "a key has its numbers");
  const ossl::Number owned(number);
  require(BN_bn2lebinpad(number, out.data(), static_cast<int>(out.size())) >= 0,
          "a number fits into its field");
}

void write_rsa(const PublicKey& key, ByteSpan exponent, ByteSpan modulus) {
  write_number(key, OSSL_PKEY_PARAM_RSA_E, exponent);
  write_number(key, OSSL_PKEY_PARAM_RSA_N, modulus);
}

void write_key(const PublicKey& key, ByteSpan out) {
  namespace at = sev_layout;
  if (key.is_rsa()) {
    tools::store_le(out, at::kModulusBits, static_cast<std::uint32_t>(8 * key.rsa_size()));
    return write_rsa(key, out.subspan(at::kExponent, at::kRsaFieldSize),
                     out.subspan(at::kModulus, at::kRsaFieldSize));
  }
  tools::store_le(out, at::kCurve, at::kCurveP384);
  write_number(key, OSSL_PKEY_PARAM_EC_PUB_X, out.subspan(at::kX, at::kCoordinateSize));
  write_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, out.subspan(at::kY, at::kCoordinateSize));
}

// All that is signed, from what was understood of it.
core::Bytes written(const SevCertificate& certificate) {
  core::Bytes out(SevCertificate::kSignedSize);
  tools::store_le(out, 0, sev_layout::kVersion);
  out[4] = static_cast<std::uint8_t>(certificate.api_major());
  out[5] = static_cast<std::uint8_t>(certificate.api_minor());
  tools::store_le(out, sev_layout::kUsage, static_cast<std::uint32_t>(certificate.usage()));
  tools::store_le(out, sev_layout::kAlgorithm, static_cast<std::uint32_t>(certificate.algorithm()));
  write_key(certificate.key(), out);
  return out;
}

core::Bytes written(const AmdCertificate& certificate) {
  const std::size_t size = certificate.key().rsa_size();
  core::Bytes out(AmdCertificate::kHeaderSize + 2 * size);
  tools::store_le(out, 0, std::uint32_t{1});
  std::ranges::copy(certificate.key_id(), out.begin() + 4);
  std::ranges::copy(certificate.certifying_id(), out.begin() + 20);
  tools::store_le(out, 36, static_cast<std::uint32_t>(certificate.usage()));
  tools::store_le(out, 56, static_cast<std::uint32_t>(8 * size));
  tools::store_le(out, 60, static_cast<std::uint32_t>(8 * size));
  const ByteSpan numbers = ByteSpan(out).subspan(AmdCertificate::kHeaderSize);
  write_rsa(certificate.key(), numbers.first(size), numbers.last(size));
  return out;
}

template <typename Certificate>
void check_written(const Certificate* certificate) {
  if (certificate == nullptr) return;
  const core::Bytes bytes = written(*certificate);
  require(std::ranges::equal(certificate->bytes().first(bytes.size()), bytes),
          "a certificate that is written again has the same bytes");
}

void check_chain(const CertificateChain& chain) {
  for (const Usage usage : {Usage::pdh, Usage::pek, Usage::oca, Usage::cek}) {
    check_written(chain.sev(usage));
  }
  for (const Usage usage : {Usage::ask, Usage::ark}) check_written(chain.amd(usage));
  require(chain.check().size() == 7, "a chain has seven links, whatever is missing");
}

void fuzz_certificate(ByteView bytes) {
  CertificateChain chain;
  const auto status = status_of([&] { chain.add(bytes, "file"); });
  require(status == core::Status::ok || status == core::Status::argument,
          "certificates are read or refused");
  check_chain(chain);
  if (bytes.size() == SevCertificate::kSize) return;
  require(status_of([&] { static_cast<void>(SevCertificate::parse(bytes, "file")); }) ==
              core::Status::argument,
          "what has another length is no SEV certificate");
}

const Target certificate_target("certificate", fuzz_certificate);

}  // namespace
}  // namespace oskbc::fuzz
