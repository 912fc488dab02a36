// SPDX-License-Identifier: Apache-2.0
#include "agent/packets.h"

#include "agent/base64.h"

namespace oskbc::agent {

Buffer unwrap_first(const Client& client, std::string_view packets) {
  for (;;) {
    const std::size_t comma = packets.find(',');
    const Buffer packet = unbase64(packets.substr(0, comma));
    try {
      return client.unwrap({reinterpret_cast<const char*>(packet.data()), packet.size()});
    } catch (const Exception& error) {
      if (error.status() != OSKBC_E_UNKNOWN_KEY || comma == std::string_view::npos) throw;
    }
    packets.remove_prefix(comma + 1);
  }
}

}  // namespace oskbc::agent
