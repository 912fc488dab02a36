// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace oskbc_test {

// A mapping of this process, as the kernel describes it.
struct Region {
  std::uintptr_t begin;
  std::uintptr_t end;
  bool readable;
  bool writable;
  bool locked;
  bool dumped;
};

// All mappings, from /proc/self/smaps. Valid until the next call, which is for one thread at a
// time. Uses neither the heap nor much stack: what lies there freed shall not be overwritten.
[[nodiscard]] std::span<const Region> memory_regions();

}  // namespace oskbc_test
