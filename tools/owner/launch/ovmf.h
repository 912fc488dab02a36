// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "owner/crypto/hash.h"

namespace oskbc::owner {

// A place in the guest's memory.
struct MemoryArea {
  std::uint32_t base;
  std::uint32_t size;
};

// What QEMU finds in an OVMF image's table of GUIDs (README.md here; QEMU's
// hw/i386/pc_sysfw_ovmf.c).
struct OvmfTable {
  std::optional<MemoryArea> hashes_area;
  std::optional<MemoryArea> secret_area;
  std::optional<std::uint32_t> es_reset_vector;  // where the other vCPUs of an SEV-ES guest start
};

// Whether the image ends as one with a table does.
[[nodiscard]] bool has_ovmf_table(core::ByteView image);

// An image without a table has an empty one; a malformed one throws Status::argument.
[[nodiscard]] OvmfTable parse_ovmf_table(core::ByteView image);

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
