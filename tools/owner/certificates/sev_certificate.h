// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "owner/crypto/private_key.h"
#include "owner/crypto/public_key.h"

// Certificates of the SEV API: PDH, PEK, OCA, CEK and the guest owner's GODH (README.md here; AMD's
// sevapi.h, sev_cert).
namespace oskbc::owner {

// What a key is for.
enum class Usage : std::uint32_t {
  ark = 0x0000,
  ask = 0x0013,
  none = 0x1000,
  oca = 0x1001,
  pek = 0x1002,
  pdh = 0x1003,
  cek = 0x1004,
};

enum class Algorithm : std::uint32_t {
  none = 0x0000,
  rsa_sha256 = 0x0001,
  ecdsa_sha256 = 0x0002,
  ecdh_sha256 = 0x0003,
  rsa_sha384 = 0x0101,
  ecdsa_sha384 = 0x0102,
  ecdh_sha384 = 0x0103,
};

// "PDH"; "" for a number that is no usage.
[[nodiscard]] const char* name_of(Usage usage) noexcept;

// One of a certificate's two places for a signature.
struct SignaturePlace {
  Usage usage;  // of the signer
  Algorithm algorithm;
  core::ByteView value;
};

class SevCertificate {
 public:
  static constexpr std::size_t kSize = 2084;
  static constexpr std::size_t kSignedSize = 1044;
  static constexpr std::size_t kSignaturePlaces = 2;

  // Reads a certificate, which is all that `bytes` hold. `file` names it in messages. Throws
  // Status::argument with the reason for anything that B1 does not allow. The place of a signature
  // that is marked as unused may hold anything: nobody signs it, and nothing reads it.
  [[nodiscard]] static SevCertificate parse(core::ByteView bytes, const std::string& file);
  // The guest owner's certificate for one launch. The firmware does not look at its signature; like
  // AMD's tool we sign it with its own key, because then a damaged file can be told before the
  // launch.
  [[nodiscard]] static SevCertificate make_godh(const PrivateKey& key);

  // Throws Status::argument for another usage than this.
  void require(Usage usage) const;
  // Throws Status::argument for what no session can be made with: it must be a PDH.
  [[nodiscard]] const p384::Point& pdh_point() const;

  [[nodiscard]] Usage usage() const noexcept { return usage_; }
  [[nodiscard]] Algorithm algorithm() const noexcept { return algorithm_; }
  // Of the firmware that made it.
  [[nodiscard]] unsigned api_major() const noexcept { return bytes_[4]; }
  [[nodiscard]] unsigned api_minor() const noexcept { return bytes_[5]; }
  [[nodiscard]] const PublicKey& key() const noexcept { return *key_; }
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] core::ByteView bytes() const noexcept { return bytes_; }
  [[nodiscard]] core::ByteView signed_bytes() const noexcept { return bytes().first(kSignedSize); }
  [[nodiscard]] core::ByteView public_key_bytes() const noexcept;

  // The signature by a key of this usage; nothing if it has none, or one of zeros only.
  [[nodiscard]] std::optional<SignaturePlace> signature_by(Usage signer) const noexcept;
  [[nodiscard]] bool is_signed() const noexcept;
  // Whether a signature by a key of this usage is there, and holds with this key.
  [[nodiscard]] bool is_signed_by(Usage signer, const PublicKey& key) const;

 private:
  explicit SevCertificate(std::string file) : file_(std::move(file)) {}
  friend class SevCertificateParser;

  std::string file_;
  std::array<std::uint8_t, kSize> bytes_{};
  Usage usage_ = Usage::none;
  Algorithm algorithm_ = Algorithm::none;
  p384::Point point_;
  std::optional<PublicKey> key_;
};

}  // namespace oskbc::owner
