// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/status.h"
#include "broker/launch_store.h"
#include "broker/sql.h"
#include "owner/crypto/hash.h"

namespace oskbc::broker {

// What a launch's keys are sealed with: all of its row but for its failures, which count only
// against it.
struct LaunchRow {
  ConnectionId id = 0;
  std::uint32_t policy = 0;
  owner::Digest pdh{};
  std::string owner;
  std::string boot;
  std::int64_t boot_expires = 0;
  std::int64_t expires = 0;

  // All columns but the id, in this order.
  static constexpr const char* kNames = "policy, pdh, owner, boot, boot_expires, expires";
  static constexpr std::size_t kColumns = 6;

  // Throws Status::decrypt for what cannot have been written by a broker.
  [[nodiscard]] static LaunchRow of(ConnectionId id, const SqlRow& columns);

  // Nobody who writes to the database can move keys to another id, owner or policy, or have them
  // live longer.
  [[nodiscard]] core::Bytes bound() const;
};

template <typename Number>
[[nodiscard]] Number number_of(const std::string& text) {
  Number value = 0;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, value).ptr != end) {
    core::fail(core::Status::decrypt, "a launch in the state has no number where one belongs");
  }
  return value;
}

}  // namespace oskbc::broker
