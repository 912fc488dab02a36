// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/bytes.h"
#include "owner/keyset_policy.h"
#include "owner/openssl.h"

namespace oskbc::owner {

// SHA-256 of what comes in pieces, in a library context of its own like all of our cryptography.
class Sha256 {
 public:
  Sha256();

  void update(core::ByteView bytes);
  // The digest of what came until now; more may follow.
  [[nodiscard]] Digest digest() const;
  // Another that goes on from here.
  [[nodiscard]] Sha256 clone() const;

 private:
  ossl::DigestContext context_;
};

[[nodiscard]] Digest sha256(core::ByteView bytes);

// Streams a file, or standard input for "-". Throws Status::io.
[[nodiscard]] Digest sha256_of_file(const std::string& file);

}  // namespace oskbc::owner
