// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace oskbc::fault {

// Stands in for the heap, so that its calls can fail: of OpenSSL's allocator, and of the
// rest. Without a sanitizer the rest is malloc() itself, of the whole process: our objects,
// exceptions, libstdc++, Boost, the C library's own. A sanitizer has a malloc() that nothing can
// come between; there it is operator new.

// Blocks that this thread allocated, less those that it freed.
struct Blocks {
  long openssl = 0;
  long others = 0;
};
[[nodiscard]] Blocks live_blocks() noexcept;

}  // namespace oskbc::fault
