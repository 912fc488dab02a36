// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/wrap_type.h"

namespace oskbc::core {

// An annotation packet: which key wraps a layer's private options, how, and the wrapped options.
// Nothing in it is secret.
struct Packet {
  std::string kid;
  Bytes wrapped;
  Bytes iv;
  WrapType type;
};

// Reads every generation of the packet (lib/README.md). Throws Status::packet for what is
// malformed, and Status::unsupported for a wrap type, version or provider that is not supported.
[[nodiscard]] Packet parse_packet(std::string_view text);

// Writes the current generation, without the members of "V2", which older clients refuse.
[[nodiscard]] std::string write_packet(const Packet& packet);

// The wrap type by any of its spellings; throws Status::unsupported.
[[nodiscard]] WrapType parse_wrap_type(std::string_view name);

}  // namespace oskbc::core
