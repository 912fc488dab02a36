// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "owner/crypto/openssl.h"

// SHA-256, and what is made of it, in a library context of its own like all of our cryptography.
namespace oskbc::owner {

using Digest = std::array<std::uint8_t, 32>;

// The digest of what comes in pieces.
class Sha256 {
 public:
  Sha256();

  void update(core::ByteView bytes);
  // The digest of what came until now; more may follow.
  [[nodiscard]] Digest digest() const;
  // One more that goes on from here.
  [[nodiscard]] Sha256 clone() const;

 private:
  ossl::DigestContext context_;
};

[[nodiscard]] Digest sha256(core::ByteView bytes);

// Streams a file, or standard input for "-". Throws Status::io.
[[nodiscard]] Digest sha256_of_file(const std::string& file);

inline constexpr std::size_t kMacSize = 32;
// MACs go to the platform and may be shown.
using Mac = std::array<std::uint8_t, kMacSize>;

// HMAC-SHA256 over parts, as if they were one.
[[nodiscard]] Mac hmac_sha256(core::ByteView key, std::initializer_list<core::ByteView> parts);
// Into exactly kMacSize bytes, where the MAC is itself a key.
void hmac_sha256(core::ByteView key, std::initializer_list<core::ByteView> parts,
                 core::ByteSpan out);

// In a time that tells nothing of where the two differ.
[[nodiscard]] bool equal_in_constant_time(core::ByteView a, core::ByteView b) noexcept;

// The key derivation of the SEV API: NIST SP 800-108 in counter mode over HMAC-SHA256, with the
// counter and the length in bits little endian. OpenSSL's KBKDF has both big endian and gives other
// keys.
[[nodiscard]] core::SecretBytes derive_key(core::ByteView key, std::string_view label,
                                           core::ByteView context, std::size_t size);

}  // namespace oskbc::owner
