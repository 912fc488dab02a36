// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "owner/crypto/hash.h"
#include "owner/launch/policy.h"
#include "owner/launch/session.h"

// The launch measurement (README.md here; SEV API 6.5.1): proof that a platform which has the TIK
// launched a guest of a certain digest under a certain policy.
namespace oskbc::owner {

[[nodiscard]] Mac measure_launch(core::ByteView tik, const Firmware& firmware, std::uint32_t policy,
                                 const Digest& digest, const Nonce& mnonce);

// The one of `digests` whose launch has this measurement. All are tried, and each is compared in
// constant time.
[[nodiscard]] std::optional<Digest> find_measured(core::ByteView tik, const Firmware& firmware,
                                                  std::uint32_t policy,
                                                  std::span<const Digest> digests,
                                                  const Nonce& mnonce, const Mac& measure);

// What a platform returns.
struct LaunchMeasurement {
  Mac measure{};
  std::optional<Nonce> mnonce;
};

// Reads base64 of measurement and nonce, as QEMU gives it, or hexadecimal with or without the
// nonce; white space around it is fine. Throws Status::argument for anything else.
[[nodiscard]] LaunchMeasurement parse_launch_measurement(std::string_view text);
// The base64 of both.
[[nodiscard]] std::string encode_launch_measurement(const Mac& measure, const Nonce& mnonce);

}  // namespace oskbc::owner
