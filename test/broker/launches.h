// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <utility>

#include "broker/launch_store.h"
#include "common/text.h"
#include "databases.h"

namespace oskbc::test {

[[nodiscard]] inline core::SecretBytes filled(std::size_t size, std::uint8_t value) {
  core::SecretBytes bytes(size);
  std::ranges::fill(bytes.expose_writable(), value);
  return bytes;
}

[[nodiscard]] inline broker::StateKey state_key(std::uint8_t value = 0x42) {
  return broker::StateKey(filled(32, value));
}

[[nodiscard]] inline broker::Launch a_launch(std::uint32_t policy = 5) {
  return {{filled(16, 0xe1), filled(16, 0x71)}, policy, owner::Digest{0xd1}, "host:", {}};
}

[[nodiscard]] inline broker::StoreLimits limits(std::size_t launches = 100, int seconds = 600) {
  broker::StoreLimits made;
  made.launches = launches;
  made.lifetime = std::chrono::seconds(seconds);
  return made;
}

[[nodiscard]] inline bool has_keys_of(const broker::Launch& launch, const broker::Launch& other) {
  return tools::to_hex(launch.keys.tek.expose()) == tools::to_hex(other.keys.tek.expose()) &&
         tools::to_hex(launch.keys.tik.expose()) == tools::to_hex(other.keys.tik.expose());
}

}  // namespace oskbc::test
