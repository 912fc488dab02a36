// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/secret_bytes.h"
#include "capi/handle.h"

namespace oskbc::core {

// The only writer to callers' buffers. Asks for `needed` bytes and lets `write`, which takes a
// ByteSpan of that length and returns how much of it is used, fill them. Where it throws, or uses
// less, the rest is wiped.
template <typename Write>
void produce(void* out, std::size_t& length, std::size_t needed, Write write) {
  if (out == nullptr || length < needed) {
    length = needed;
    fail(Status::buffer, "the output needs %zu bytes", needed);
  }
  const ByteSpan place(static_cast<std::uint8_t*>(out), needed);
  std::size_t used = 0;
  try {
    used = write(place);
  } catch (...) {
    wipe(place);
    throw;
  }
  wipe(place.subspan(used));
  length = used;
}

}  // namespace oskbc::core
