// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "common/json.h"
#include "owner/crypto/hash.h"
#include "owner/crypto/random.h"
#include "owner/launch/session.h"

// The packet that brings a secret into a measured guest (README.md here; SEV API 6.6).
namespace oskbc::owner {

inline constexpr std::size_t kPacketHeaderSize = 52;

// Neither part is a secret any more.
struct LaunchSecret {
  std::array<std::uint8_t, kPacketHeaderSize> header{};
  core::Bytes data;
};

// What the firmware takes at once.
inline constexpr std::size_t kMaxLaunchSecret = std::size_t{16} << 10;
// SEV-ES firmware takes nothing else.
inline constexpr std::size_t kLaunchSecretUnit = 16;

// Throws Status::argument for a length that the firmware does not take.
void check_launch_secret_size(std::size_t size);

// Encrypts a table under a new IV. `measure` binds the packet to one launch; firmware before API
// 0.17 leaves it out of the MAC.
[[nodiscard]] LaunchSecret seal_launch_secret(core::ByteView table, const TransportKeys& keys,
                                              const std::optional<Mac>& measure, Random& random);

// QEMU's command. Without `address` QEMU takes the one that OVMF names.
[[nodiscard]] tools::Json qmp_inject_command(const LaunchSecret& secret,
                                             std::optional<std::uint64_t> address);

}  // namespace oskbc::owner
