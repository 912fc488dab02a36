// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

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

// As much of the image's end as a table can reach into: its length has 16 bits, and 32 bytes follow
// it.
inline constexpr std::size_t kOvmfTail = 65535 + 32;

// Reads the table out of the image's last bytes, at least kOvmfTail of them if it has so many. An
// image without a table has an empty one; a malformed one throws Status::argument.
[[nodiscard]] OvmfTable parse_ovmf_table(core::ByteView tail);

}  // namespace oskbc::owner
