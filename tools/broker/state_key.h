// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret_bytes.h"
#include "owner/crypto/hash.h"
#include "owner/crypto/random.h"
#include "owner/launch/session.h"

namespace oskbc::broker {

// What the database's secrets are encrypted with: 32 bytes that lie elsewhere.
class StateKey {
 public:
  explicit StateKey(core::SecretBytes key) : key_(std::move(key)) {}

  // 32 bytes, or base64 of them, in a file of its owner's alone.
  [[nodiscard]] static StateKey read(const std::string& file);
  // The same, in a credential of the service manager's, whose mode says nothing: systemd lets the
  // service's user in by an access control list, and then a file shows 0440.
  [[nodiscard]] static StateKey read_credential(const std::string& file);
  // The same; makes the file if there is none. `made` tells.
  [[nodiscard]] static StateKey read_or_make(const std::string& file, bool& made);

  // Tells one key from another, and nothing of the key.
  [[nodiscard]] std::string fingerprint() const;

  // Another key for another purpose, from which this one cannot be found.
  [[nodiscard]] StateKey derive(std::string_view purpose) const;
  [[nodiscard]] owner::Mac mac(core::ByteView data) const;

  // TEK and TIK as text for a database, bound to what else is known of the launch.
  [[nodiscard]] std::string seal(const owner::TransportKeys& keys, core::ByteView bound,
                                 owner::Random& random) const;
  // Throws Status::decrypt for what seal() did not make, or made for another launch.
  [[nodiscard]] owner::TransportKeys unseal(const std::string& sealed, core::ByteView bound) const;

 private:
  core::SecretBytes key_;
};

}  // namespace oskbc::broker
