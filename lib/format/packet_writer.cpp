// SPDX-License-Identifier: Apache-2.0
// A source of its own, because nlohmann/json takes longer to compile than all of the reader.
#include <nlohmann/json.hpp>

#include "format/base64.h"
#include "format/packet.h"

namespace oskbc::core {
namespace {

// In the current generation's spelling.
const char* name_of(WrapType type) { return type == WrapType::a256gcm ? "A256GCM" : "A256CTR"; }

}  // namespace

std::string write_packet(const Packet& packet) {
  // Ordered, because people read it: the order in which the key providers write.
  const nlohmann::ordered_json object = {{"kid", packet.kid},
                                         {"wrapped_data", base64::encode(packet.wrapped)},
                                         {"iv", base64::encode(packet.iv)},
                                         {"wrap_type", name_of(packet.type)}};
  return object.dump();
}

}  // namespace oskbc::core
