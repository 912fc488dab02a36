// SPDX-License-Identifier: Apache-2.0
#ifndef OSKBC_EXAMPLES_AGENT_BROKER_H
#define OSKBC_EXAMPLES_AGENT_BROKER_H

#include <optional>
#include <string>
#include <string_view>

#include <oskbc/oskbc.hpp>

namespace agent {

// The key broker client, opened at the first request, because a guest with plain images only has
// no keyset to open. After a failure the next request tries again: the secret may still come into
// sight.
class Broker {
 public:
  // An empty root is the running system.
  explicit Broker(std::string root);

  // Answers a key provider request of ocicrypt.
  oskbc::Buffer answer(std::string_view request);

  // Unwraps the first of the packets that there is a key for. They are base64, commas between.
  oskbc::Buffer unwrap_first(std::string_view packets);

  // Wipes the keys.
  void close() noexcept { client_.reset(); }

 private:
  const oskbc::Client& client();

  std::string root_;
  std::optional<oskbc::Client> client_;
};

}  // namespace agent

#endif
