// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace oskbc::owner {

// The generations of lib/README.md's table, named by when key providers wrote them.
enum class PacketGeneration {
  october_2021,    // arrays of numbers
  november_2021,   // base64, aes_256_ctr: the demo's
  december_2022,   // aes_256_gcm
  february_2023,   // A256GCM, A256CTR; kbs:///repository/type/tag or a plain id
  march_2023,      // a scheme or a slash too many
  september_2023,  // "V2": with a version
  may_2026,        // a path without its scheme
};

// Tells the generation of a packet that core::parse_packet() takes.
[[nodiscard]] PacketGeneration packet_generation(std::string_view packet);

// In words for people.
[[nodiscard]] const char* name_of(PacketGeneration generation) noexcept;

}  // namespace oskbc::owner
