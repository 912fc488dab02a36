// SPDX-License-Identifier: Apache-2.0
// Reads texts from standard input, each after its kind ('k' or 'p') and its length (4 bytes, big
// endian), and prints what the library makes of each, as one line of JSON: null for a refusal.
// differential_test.py has the other half.
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/status.h"
#include "format/keyset.h"
#include "format/packet.h"

namespace {

using namespace oskbc;
using nlohmann::json;

json hex(core::ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) text += {kDigits[byte >> 4], kDigits[byte & 0x0fU]};
  return text;
}

json read_keyset(std::string_view text) {
  const core::Keyset keyset = core::Keyset::parse(text);
  json ids = json::object();
  for (std::size_t i = 0; i < keyset.size(); ++i)
    ids[std::string(keyset.id(i))] = hex(keyset.expose_value(i));
  return ids;
}

json read_packet(std::string_view text) {
  const core::Packet packet = core::parse_packet(text);
  return {{"kid", packet.kid},
          {"wrapped_data", hex(packet.wrapped)},
          {"iv", hex(packet.iv)},
          {"wrap_type", packet.type == core::WrapType::a256gcm ? "A256GCM" : "A256CTR"}};
}

json outcome(char kind, std::string_view text) {
  try {
    return kind == 'k' ? read_keyset(text) : read_packet(text);
  } catch (const core::Error& error) {
    if (error.status() == core::Status::unsupported) return "unsupported";
    const core::Status expected = kind == 'k' ? core::Status::keyset : core::Status::packet;
    if (error.status() != expected) throw;
    return nullptr;
  }
}

std::string take(std::size_t size) {
  std::string bytes(size, '\0');
  if (!std::cin.read(bytes.data(), static_cast<std::streamsize>(size)))
    throw std::runtime_error("the input ends inside a text");
  return bytes;
}

std::size_t take_length() {
  std::size_t length = 0;
  for (const char byte : take(4)) length = length << 8 | static_cast<unsigned char>(byte);
  return length;
}

}  // namespace

int main() try {
  for (char kind = 0; std::cin.get(kind);) {
    const std::string text = take(take_length());
    std::cout << outcome(kind, text).dump() << '\n';
  }
  return std::cout.flush() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "differential_reader: " << error.what() << '\n';
  return 1;
}
