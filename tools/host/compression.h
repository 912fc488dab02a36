// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace oskbc::host {

// A way to compress an initrd, as its first bytes tell.
struct Compression {
  std::string_view name;
  // The kernel's option that it needs; empty where no kernel reads it.
  std::string_view option;
  // Why no kernel reads it.
  std::string_view mend;
};

// nullptr for what is not compressed.
[[nodiscard]] const Compression* compression_of(core::ByteView bytes);

}  // namespace oskbc::host
