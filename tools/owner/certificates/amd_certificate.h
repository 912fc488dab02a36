// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "owner/certificates/sev_certificate.h"
#include "owner/crypto/public_key.h"

namespace oskbc::owner {

// Certificates of AMD's own keys: ASK and ARK, RSA of 2048 or 4096 bits (README.md here; AMD's
// sevapi.h, amd_cert).
class AmdCertificate {
 public:
  static constexpr std::size_t kHeaderSize = 64;
  static constexpr std::size_t kKeyIdSize = 16;

  // The size of the certificate that `bytes` begin with: 832 or 1600. Nothing if they begin with
  // none.
  [[nodiscard]] static std::optional<std::size_t> size_at_start(core::ByteView bytes) noexcept;
  // Reads a certificate, which is all that `bytes` hold. `file` names it in messages. Throws
  // Status::argument with the reason.
  [[nodiscard]] static AmdCertificate parse(core::ByteView bytes, const std::string& file);

  // ark or ask.
  [[nodiscard]] Usage usage() const noexcept { return usage_; }
  [[nodiscard]] const PublicKey& key() const noexcept { return *key_; }
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] core::ByteView bytes() const noexcept { return bytes_; }
  [[nodiscard]] core::ByteView key_id() const noexcept;
  [[nodiscard]] core::ByteView certifying_id() const noexcept;

  // Whether it is AMD's own file of Naples' ARK, which ends before its signature.
  [[nodiscard]] bool is_short() const;
  // Whether its signature is there, says that it is `signer`'s, and holds. The hash follows from
  // the signer's size: SHA-256 for 2048 bits, SHA-384 for 4096. The short ARK counts as signed by
  // itself.
  [[nodiscard]] bool is_signed_by(const AmdCertificate& signer) const;

 private:
  AmdCertificate(core::ByteView bytes, std::string file)
      : file_(std::move(file)), bytes_(bytes.begin(), bytes.end()) {}
  [[nodiscard]] core::ByteView field(std::size_t number) const noexcept;
  void check_header() const;
  void read_key();

  std::string file_;
  core::Bytes bytes_;
  Usage usage_ = Usage::none;
  std::optional<PublicKey> key_;
};

}  // namespace oskbc::owner
