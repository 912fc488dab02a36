// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "owner/sev_certificate.h"

namespace oskbc::owner {

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
