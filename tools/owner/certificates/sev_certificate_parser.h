// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "owner/certificates/sev_certificate.h"

namespace oskbc::owner {

// Where things are in an SEV certificate, in bytes (README.md here).
namespace sev_layout {

inline constexpr std::uint32_t kVersion = 1;

inline constexpr std::size_t kReserved = 6;
inline constexpr std::size_t kReservedSize = 2;
inline constexpr std::size_t kUsage = 8;
inline constexpr std::size_t kAlgorithm = 12;
inline constexpr std::size_t kPublicKey = 16;
inline constexpr std::size_t kPublicKeySize = 1028;

// A public key on a curve.
inline constexpr std::uint32_t kCurveP256 = 1;
inline constexpr std::uint32_t kCurveP384 = 2;
inline constexpr std::size_t kCurve = 16;
inline constexpr std::size_t kX = 20;
inline constexpr std::size_t kY = 92;
inline constexpr std::size_t kCoordinateSize = 72;  // of which P-384 fills 48
inline constexpr std::size_t kAfterPoint = 164;

// An RSA public key.
inline constexpr std::size_t kModulusBits = 16;
inline constexpr std::size_t kExponent = 20;
inline constexpr std::size_t kModulus = 532;
inline constexpr std::size_t kRsaFieldSize = 512;

// Of each of the two signatures: usage, algorithm, value.
inline constexpr std::size_t kSignatures = 1044;
inline constexpr std::size_t kSignatureValue = 8;
inline constexpr std::size_t kSignatureValueSize = 512;
inline constexpr std::size_t kSignatureSize = kSignatureValue + kSignatureValueSize;

}  // namespace sev_layout

// The checks behind SevCertificate::parse(), one function for each of B1's rules. The host hands
// the certificates out, so nothing in them is taken on trust, and what is refused gets its own
// reason.
class SevCertificateParser {
 public:
  SevCertificateParser(core::ByteView bytes, const std::string& file)
      : bytes_(bytes), file_(file) {}

  [[nodiscard]] SevCertificate parse() const;

 private:
  [[noreturn, gnu::format(printf, 2, 3)]] void refuse(const char* format, ...) const;

  void check_size() const;
  void check_version() const;
  void check_reserved() const;
  [[nodiscard]] Usage read_usage() const;
  [[nodiscard]] Algorithm read_algorithm(Usage usage) const;
  void check_curve() const;
  [[nodiscard]] p384::Number read_coordinate(const char* name, std::size_t offset) const;
  [[nodiscard]] p384::Point read_point() const;
  [[nodiscard]] PublicKey read_rsa_key() const;
  void check_signature(std::size_t number) const;
  void check_ecdsa_value(std::size_t number, core::ByteView value) const;

  core::ByteView bytes_;
  const std::string& file_;
};

}  // namespace oskbc::owner
