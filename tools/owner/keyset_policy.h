// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oskbc::owner {

using Digest = std::array<std::uint8_t, 32>;

// On what conditions a keyset's keys may be released, and which: one member of the guide's
// keysets.json (README.md here). What is absent is not asked for; an empty list admits nothing.
struct KeysetPolicy {
  std::optional<std::vector<Digest>> allowed_digests;
  std::optional<std::vector<std::string>> allowed_keys;
  std::optional<std::vector<std::uint32_t>> allowed_policies;
  std::optional<std::uint8_t> min_api_major;
  std::optional<std::uint8_t> min_api_minor;
  std::optional<std::vector<std::uint8_t>> allowed_build_ids;
};

}  // namespace oskbc::owner
