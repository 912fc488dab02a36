// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "owner/keyset_policy.h"
#include "owner/sha256.h"

namespace oskbc::owner {

// The table of hashes that QEMU puts into the guest for a direct kernel boot (README.md here;
// QEMU's target/i386/sev.c, PaddedSevHashTable).
inline constexpr std::size_t kHashesTableSize = 176;  // with its 8 bytes of padding
using HashesTable = std::array<std::uint8_t, kHashesTableSize>;

struct KernelHashes {
  Digest command_line;  // with its NUL
  Digest initrd;        // of nothing if there is none
  Digest kernel;
};

[[nodiscard]] HashesTable make_hashes_table(const KernelHashes& hashes);

}  // namespace oskbc::owner
