// SPDX-License-Identifier: Apache-2.0
#include "fuzz/fuzz_common.h"

#include <cstdio>
#include <cstdlib>

namespace oskbc::fuzz {

void require(bool holds, const char* property) {
  if (holds) return;
  static_cast<void>(std::fprintf(stderr, "fuzz: this does not hold: %s\n", property));
  std::abort();
}

}  // namespace oskbc::fuzz

// What libFuzzer and replay_main.cpp call.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= oskbc::fuzz::kMaxInput) oskbc::fuzz::fuzz({data, size});
  return 0;
}
