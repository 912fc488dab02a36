// SPDX-License-Identifier: Apache-2.0
#include "owner/kdf.h"

#include <algorithm>
#include <cstdint>

#include "owner/hmac.h"
#include "owner/little_endian.h"

namespace oskbc::owner {

core::SecretBytes derive_key(core::ByteView key, std::string_view label, core::ByteView context,
                             std::size_t size) {
  constexpr std::uint8_t kSeparator[] = {0};
  const auto bits = u32_bytes(static_cast<std::uint32_t>(8 * size));
  core::SecretBytes out(size);
  core::SecretBytes block(kMacSize);
  std::uint32_t counter = 0;
  for (core::ByteSpan rest = out.expose_writable(); !rest.empty();) {
    hmac_sha256(key, {u32_bytes(++counter), core::as_bytes(label), kSeparator, context, bits},
                block.expose_writable());
    const std::size_t used = std::min(rest.size(), kMacSize);
    std::ranges::copy(block.expose().first(used), rest.begin());
    rest = rest.subspan(used);
  }
  return out;
}

}  // namespace oskbc::owner
