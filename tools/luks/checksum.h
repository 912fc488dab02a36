// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace oskbc::luks {

// SHA-256.
using Checksum = std::array<std::uint8_t, 32>;

[[nodiscard]] Checksum checksum_of(core::ByteView bytes);

}  // namespace oskbc::luks
