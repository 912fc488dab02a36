// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "owner/crypto/openssl.h"
#include "owner/crypto/public_key.h"
#include "owner/crypto/random.h"

namespace oskbc::owner {

// A key pair on P-384. OpenSSL wipes its private number when it frees it.
class PrivateKey {
 public:
  // A new key: its private number is drawn from `random` until it is in the curve's range, as in
  // FIPS 186-5, A.2.2.
  [[nodiscard]] static PrivateKey generate(Random& random);
  // From the private number, 48 bytes big endian. Throws Status::argument unless 0 < scalar < n.
  [[nodiscard]] static PrivateKey from_scalar(core::ByteView scalar);

  [[nodiscard]] const p384::Point& point() const noexcept { return point_; }
  [[nodiscard]] p384::Signature sign(HashAlgorithm hash, core::ByteView data) const;
  [[nodiscard]] EVP_PKEY* get() const noexcept { return key_.get(); }

 private:
  PrivateKey(ossl::Key key, const p384::Point& point) : key_(std::move(key)), point_(point) {}

  ossl::Key key_;
  p384::Point point_;
};

// Z: the x coordinate of the shared point, 48 bytes, big endian, zeros in front where it is smaller
// (README.md here). Throws Status::argument for a peer that is not a point of P-384.
[[nodiscard]] core::SecretBytes shared_secret(const PrivateKey& key, const p384::Point& peer);

}  // namespace oskbc::owner
