// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace grpc {
class ServerContext;
}

namespace oskbc::broker {

// Who asks.
struct Client {
  std::string address;  // ipv4:192.0.2.7:40000, ipv6:[2001:db8::7]:40000, unix:
  // From the certificate that TLS verified: the first of its subject's alternative names, or else
  // its common name. "" where clients need no certificate.
  std::string name;
};

// Of a request, in any service of the broker's.
[[nodiscard]] Client client_of(const grpc::ServerContext& context);

}  // namespace oskbc::broker
