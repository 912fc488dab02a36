// SPDX-License-Identifier: Apache-2.0
#include "broker.h"

#include <utility>

#include "base64.h"
#include "params.h"

namespace agent {

Broker::Broker(std::string root) : root_(std::move(root)) {}

const oskbc::Client& Broker::client() {
  if (!client_) {
    oskbc::Options options;
    if (!root_.empty()) options.set_root(root_);
    client_.emplace(find_params(root_), options);
  }
  return *client_;
}

oskbc::Buffer Broker::answer(std::string_view request) { return client().keyprovider(request); }

// An image can be encrypted for several recipients, each with a packet of their own.
oskbc::Buffer Broker::unwrap_first(std::string_view packets) {
  for (;;) {
    const std::size_t comma = packets.find(',');
    const oskbc::Buffer packet = unbase64(packets.substr(0, comma));
    try {
      return client().unwrap({reinterpret_cast<const char*>(packet.data()), packet.size()});
    } catch (const oskbc::Exception& error) {
      if (error.status() != OSKBC_E_UNKNOWN_KEY || comma == std::string_view::npos) throw;
    }
    packets.remove_prefix(comma + 1);
  }
}

}  // namespace agent
