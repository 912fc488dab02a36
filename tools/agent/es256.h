// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "crypto/evp.h"

namespace oskbc::agent {

inline constexpr std::size_t kCoordinateSize = 32;
inline constexpr std::size_t kSignatureSize = 2 * kCoordinateSize;

// A public key on P-256: its coordinates.
struct P256Point {
  core::Bytes x;
  core::Bytes y;
};

// ECDSA on P-256 with SHA-256 (RFC 7518, 3.4), in a library context of OpenSSL's own, as the key
// wrap cipher is: no configuration file has a say. What it takes is made once, for a millisecond.
class Es256 {
 public:
  Es256();

  // Whether the signature, r and s, is the key's over the text. False too for coordinates that are
  // not on the curve.
  [[nodiscard]] bool verify(const P256Point& key, core::ByteView text,
                            core::ByteView signature) const;

 private:
  using Digest = std::unique_ptr<EVP_MD, core::evp::Deleter<EVP_MD_free>>;

  // In this order, because the digest lives in the context.
  core::evp::LibraryContext library_;
  Digest sha256_;
};

}  // namespace oskbc::agent
