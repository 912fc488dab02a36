// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "owner/crypto/openssl.h"

namespace oskbc::owner {

// Plain values of the one curve that the SEV API's keys are on. All are big endian here;
// certificates hold them little endian.
namespace p384 {

inline constexpr std::size_t kSize = 48;
using Number = std::array<std::uint8_t, kSize>;

struct Point {
  Number x{};
  Number y{};
  friend bool operator==(const Point&, const Point&) = default;
};

struct Signature {
  Number r{};
  Number s{};
};

// The uncompressed form of SEC 1, section 2.3.3.
inline constexpr std::size_t kEncodedPointSize = 1 + 2 * kSize;
using EncodedPoint = std::array<std::uint8_t, kEncodedPointSize>;

[[nodiscard]] EncodedPoint encode(const Point& point) noexcept;
[[nodiscard]] Point decode(const EncodedPoint& encoded) noexcept;

}  // namespace p384

enum class HashAlgorithm { sha256, sha384 };

// OpenSSL's name of it.
[[nodiscard]] const char* name_of(HashAlgorithm hash) noexcept;

// A key that signatures are checked with: on P-384, or RSA with AMD's PSS.
class PublicKey {
 public:
  // Nothing for what is not a point of the curve.
  [[nodiscard]] static std::optional<PublicKey> from_point(const p384::Point& point);
  // Both big endian. Nothing for a modulus that is even or has fewer bits than its bytes have, and
  // for an exponent that is even or 1.
  [[nodiscard]] static std::optional<PublicKey> from_rsa(core::ByteView modulus,
                                                         core::ByteView exponent);

  // Whether the signature of `data` is this key's. False also for a key of the other kind.
  [[nodiscard]] bool verifies(HashAlgorithm hash, core::ByteView data,
                              const p384::Signature& signature) const;
  // RSA-PSS with MGF1 of the same hash. `place` holds the signature as certificates do: little
  // endian, as long as the modulus, then zeros.
  [[nodiscard]] bool verifies_pss(HashAlgorithm hash, core::ByteView data,
                                  core::ByteView place) const;

  [[nodiscard]] bool is_rsa() const noexcept { return rsa_size_ != 0; }
  // Bytes of the modulus; 0 for a key on P-384.
  [[nodiscard]] std::size_t rsa_size() const noexcept { return rsa_size_; }
  [[nodiscard]] EVP_PKEY* get() const noexcept { return key_.get(); }

 private:
  explicit PublicKey(ossl::Key key, std::size_t rsa_size = 0)
      : key_(std::move(key)), rsa_size_(rsa_size) {}

  ossl::Key key_;
  std::size_t rsa_size_;
};

}  // namespace oskbc::owner
