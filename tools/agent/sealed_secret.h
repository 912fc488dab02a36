// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "agent/es256.h"
#include "crypto/key_wrap_cipher.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::agent {

// Opens sealed secrets: "sealed." and a compact JWS of ES256, whose key is a JWK among the keyset's
// entries. Its payload names the value in the keyset ("vault"), or is the value, encrypted under a
// key that a key of the keyset wraps ("envelope"). The payload is not read before the signature is
// verified.
class Unsealer {
 public:
  // Throws Status::request for what is malformed, unsupported for another kind, provider or
  // version, unknown_key for what the keyset lacks, decrypt where the signature or the encryption
  // does not hold.
  [[nodiscard]] Buffer unseal(const Client& client, std::string_view sealed,
                              bool require_authenticated) const;

 private:
  Es256 es256_;
  core::KeyWrapCipher cipher_;
};

}  // namespace oskbc::agent
