// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace oskbc::broker {

// Seconds by a clock that nobody sets and that goes on while the machine sleeps. It means something
// only together with the boot that it counts from.
struct BootTime {
  std::string boot;  // the kernel's id of it
  std::int64_t seconds = 0;
};

// Where the kernel's id cannot be read, the boot is this process.
[[nodiscard]] BootTime boot_time();

}  // namespace oskbc::broker
