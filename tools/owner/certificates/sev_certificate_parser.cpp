// SPDX-License-Identifier: Apache-2.0
#include "owner/certificates/sev_certificate_parser.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"

namespace oskbc::owner {
namespace {

using core::ByteView;
namespace layout = sev_layout;

bool is_usage(std::uint32_t number) { return *name_of(static_cast<Usage>(number)) != '\0'; }

bool is_algorithm(std::uint32_t number) {
  switch (static_cast<Algorithm>(number)) {
    case Algorithm::none:
    case Algorithm::rsa_sha256:
    case Algorithm::ecdsa_sha256:
    case Algorithm::ecdh_sha256:
    case Algorithm::rsa_sha384:
    case Algorithm::ecdsa_sha384:
    case Algorithm::ecdh_sha384:
      return true;
  }
  return false;
}

bool is_rsa(Algorithm algorithm) {
  return algorithm == Algorithm::rsa_sha256 || algorithm == Algorithm::rsa_sha384;
}

bool is_ecdsa(Algorithm algorithm) {
  return algorithm == Algorithm::ecdsa_sha256 || algorithm == Algorithm::ecdsa_sha384;
}

// A PDH or GODH agrees on keys; of the others, which sign, only an OCA, made by the platform's
// owner, may be RSA.
bool fits(Usage usage, Algorithm algorithm) {
  if (usage == Usage::pdh) return algorithm == Algorithm::ecdh_sha256;
  return is_ecdsa(algorithm) || (usage == Usage::oca && is_rsa(algorithm));
}

}  // namespace

void SevCertificateParser::refuse(const char* format, ...) const {
  char reason[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(reason, sizeof reason, format, arguments);
  va_end(arguments);
  core::fail(core::Status::argument, "%s: %s", file_.c_str(), reason);
}

void SevCertificateParser::check_size() const {
  if (bytes_.size() < SevCertificate::kSize) {
    refuse("it has %zu bytes; an SEV certificate has %zu", bytes_.size(), SevCertificate::kSize);
  }
  if (bytes_.size() > SevCertificate::kSize) {
    refuse("%zu bytes follow the certificate's %zu", bytes_.size() - SevCertificate::kSize,
           SevCertificate::kSize);
  }
}

void SevCertificateParser::check_version() const {
  const std::uint32_t version = tools::load_le<std::uint32_t>(bytes_, 0);
  if (version != layout::kVersion) refuse("its version is %u; only 1 is known", version);
}

void SevCertificateParser::check_reserved() const {
  if (!tools::all_zero(bytes_.subspan(layout::kReserved, layout::kReservedSize))) {
    refuse("the reserved bytes after its API version are not zero");
  }
}

Usage SevCertificateParser::read_usage() const {
  const std::uint32_t number = tools::load_le<std::uint32_t>(bytes_, layout::kUsage);
  const auto usage = static_cast<Usage>(number);
  if (!is_usage(number) || usage == Usage::none || usage == Usage::ark || usage == Usage::ask) {
    refuse("its usage 0x%x is not that of a PDH, PEK, OCA or CEK", number);
  }
  return usage;
}

Algorithm SevCertificateParser::read_algorithm(Usage usage) const {
  const std::uint32_t number = tools::load_le<std::uint32_t>(bytes_, layout::kAlgorithm);
  const auto algorithm = static_cast<Algorithm>(number);
  if (!is_algorithm(number) || algorithm == Algorithm::none) {
    refuse("its key algorithm 0x%x is none", number);
  }
  if (!fits(usage, algorithm)) {
    refuse("its key algorithm 0x%x is not one that a %s has", number, name_of(usage));
  }
  return algorithm;
}

void SevCertificateParser::check_curve() const {
  const std::uint32_t curve = tools::load_le<std::uint32_t>(bytes_, layout::kCurve);
  if (curve == layout::kCurveP384) return;
  refuse("its curve is %u%s; only P-384 (2) is used", curve,
         curve == layout::kCurveP256 ? " (P-256)" : "");
}

p384::Number SevCertificateParser::read_coordinate(const char* name, std::size_t offset) const {
  const ByteView field = bytes_.subspan(offset, layout::kCoordinateSize);
  if (!tools::all_zero(field.subspan(p384::kSize))) {
    refuse("its %s coordinate is longer than the %zu bytes of P-384", name, p384::kSize);
  }
  p384::Number number{};
  tools::copy_reversed(field.first(p384::kSize), number);
  return number;
}

p384::Point SevCertificateParser::read_point() const {
  check_curve();
  const p384::Point point{read_coordinate("x", layout::kX), read_coordinate("y", layout::kY)};
  const std::size_t end = layout::kPublicKey + layout::kPublicKeySize;
  if (!tools::all_zero(bytes_.subspan(layout::kAfterPoint, end - layout::kAfterPoint))) {
    refuse("the unused bytes after its public key are not zero");
  }
  return point;
}

PublicKey SevCertificateParser::read_rsa_key() const {
  const std::uint32_t bits = tools::load_le<std::uint32_t>(bytes_, layout::kModulusBits);
  if (bits != 2048 && bits != 4096) refuse("its RSA modulus has %u bits, not 2048 or 4096", bits);
  const std::size_t size = bits / 8;
  const ByteView exponent = bytes_.subspan(layout::kExponent, layout::kRsaFieldSize);
  const ByteView modulus = bytes_.subspan(layout::kModulus, layout::kRsaFieldSize);
  if (!tools::all_zero(exponent.subspan(size)) || !tools::all_zero(modulus.subspan(size))) {
    refuse("its RSA key is longer than the %u bits that it says", bits);
  }
  auto key = PublicKey::from_rsa(tools::reversed(modulus.first(size)),
                                 tools::reversed(exponent.first(size)));
  if (!key) refuse("its RSA key is none: an even or short modulus, or an even exponent");
  return std::move(*key);
}

// Two numbers of 72 bytes each, and the rest of the field is not used.
void SevCertificateParser::check_ecdsa_value(std::size_t number, ByteView value) const {
  constexpr std::size_t kField = layout::kCoordinateSize;
  constexpr std::size_t kUnused = kField - p384::kSize;
  if (!tools::all_zero(value.subspan(p384::kSize, kUnused)) ||
      !tools::all_zero(value.subspan(kField + p384::kSize, kUnused))) {
    refuse("a number of its signature %zu is longer than the %zu bytes of P-384", number,
           p384::kSize);
  }
  if (!tools::all_zero(value.subspan(2 * kField))) {
    refuse("the unused bytes after its signature %zu are not zero", number);
  }
}

void SevCertificateParser::check_signature(std::size_t number) const {
  const std::size_t offset = layout::kSignatures + (number - 1) * layout::kSignatureSize;
  const std::uint32_t usage = tools::load_le<std::uint32_t>(bytes_, offset);
  const std::uint32_t algorithm = tools::load_le<std::uint32_t>(bytes_, offset + 4);
  if (!is_usage(usage))
    refuse("the signer's usage 0x%x of its signature %zu is none", usage, number);
  if (!is_algorithm(algorithm))
    refuse("the algorithm 0x%x of its signature %zu is none", algorithm, number);
  if (static_cast<Usage>(usage) != Usage::none && is_ecdsa(static_cast<Algorithm>(algorithm))) {
    check_ecdsa_value(
        number, bytes_.subspan(offset + layout::kSignatureValue, layout::kSignatureValueSize));
  }
}

SevCertificate SevCertificateParser::parse() const {
  check_size();
  check_version();
  check_reserved();
  SevCertificate certificate(file_);
  std::ranges::copy(bytes_, certificate.bytes_.begin());
  certificate.usage_ = read_usage();
  certificate.algorithm_ = read_algorithm(certificate.usage_);
  if (is_rsa(certificate.algorithm_)) {
    certificate.key_ = read_rsa_key();
  } else {
    certificate.point_ = read_point();
    certificate.key_ = PublicKey::from_point(certificate.point_);
    if (!certificate.key_) refuse("its public key is not a point of P-384");
  }
  for (std::size_t i = 1; i <= SevCertificate::kSignaturePlaces; ++i) check_signature(i);
  return certificate;
}

}  // namespace oskbc::owner
