// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
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

// Bytes as a packet has them.
struct EncodedBytes {
  std::string_view text;
  // An array of numbers in JSON, as in the packets of October 2021, has so many; else base64.
  std::optional<std::size_t> numbers = std::nullopt;
};

// A packet's members, not decoded: what agents have that parsed it themselves, and what
// read_packet() finds. Views into a text of somebody else's.
struct PacketFields {
  std::string_view kid;
  std::string_view wrap_type;
  EncodedBytes iv;
  EncodedBytes wrapped_data;
};

// What a key opens.
struct WrappedOptions {
  // Both in one block, because an allocation takes a tenth of all that reading takes.
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t wrapped_size = 0;
  std::size_t iv_size = 0;
  WrapType type = WrapType::a256gcm;

  [[nodiscard]] ByteView wrapped() const noexcept { return {bytes.get(), wrapped_size}; }
  [[nodiscard]] ByteView iv() const noexcept { return {bytes.get() + wrapped_size, iv_size}; }
};

// Reads every generation of the packet (lib/README.md). Throws Status::packet for what is
// malformed, and Status::unsupported for a version or provider that is not supported. Strings with
// escapes are decoded into `unescaped`, which the fields may point into.
[[nodiscard]] PacketFields read_packet(std::string_view text, std::string& unescaped);

// Throws Status::packet for what is not base64 or too long, and Status::unsupported for a wrap type
// that is not supported.
[[nodiscard]] WrappedOptions decode_fields(const PacketFields& fields);

// Both, for who keeps it.
[[nodiscard]] Packet parse_packet(std::string_view text);

// Writes the current generation, without the members of "V2", which older clients refuse.
[[nodiscard]] std::string write_packet(const Packet& packet);

// The wrap type by any of its spellings; throws Status::unsupported.
[[nodiscard]] WrapType parse_wrap_type(std::string_view name);

}  // namespace oskbc::core
