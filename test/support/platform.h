// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "owner/crypto/private_key.h"
#include "owner/launch/measurement.h"

namespace oskbc::test {

// Stands in for a platform's firmware: takes what a guest owner sends, checks what the firmware
// checks and at the same places, and answers as it does. It reads the layouts by itself, so that a
// mistake in the owner's code does not meet the same mistake here. What it refuses throws
// std::runtime_error.
class Platform {
 public:
  // A guest between its launch and its start.
  struct Guest {
    core::SecretBytes tek;
    core::SecretBytes tik;
    std::uint32_t policy = 0;
    owner::Mac measure{};  // once measured
  };

  explicit Platform(owner::PrivateKey pdh) : pdh_(std::move(pdh)) {}

  // LAUNCH_START: agrees on keys with the GODH, checks both of the blob's MACs, takes TEK and TIK.
  [[nodiscard]] Guest start(core::ByteView godh, core::ByteView blob, std::uint32_t policy) const;
  // LAUNCH_MEASURE: measurement and nonce, 48 bytes.
  [[nodiscard]] core::Bytes measure(Guest& guest, const owner::Digest& digest,
                                    const owner::Nonce& mnonce) const;
  // LAUNCH_SECRET: checks the packet's MAC and gives what comes into the guest's memory.
  [[nodiscard]] core::SecretBytes inject(const Guest& guest, core::ByteView header,
                                         core::ByteView data) const;

  owner::Firmware firmware{1, 55, 24};

 private:
  [[nodiscard]] bool is_old() const noexcept;

  owner::PrivateKey pdh_;
};

}  // namespace oskbc::test
