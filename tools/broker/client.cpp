// SPDX-License-Identifier: Apache-2.0
#include "broker/client.h"

#include <grpcpp/server_context.h>

#include "broker/clients.h"

namespace oskbc::broker {

// One who is not known has no name, so that nothing is allowed to him that is allowed to a name.
Client client_of(const grpc::ServerContext& context) {
  const std::string peer = context.peer();
  return Clients::all().find(peer).value_or(Client{peer, {}});
}

}  // namespace oskbc::broker
