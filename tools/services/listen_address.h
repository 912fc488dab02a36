// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace oskbc::services {

// Where a server listens.
struct ListenAddress {
  std::string host;        // an IP address as text, IPv6 without brackets; empty for a Unix socket
  unsigned port = 0;       // 0 has the system choose one
  std::string path;        // of the Unix socket
  bool reachable = false;  // from other machines

  // As gRPC wants it: 127.0.0.1:50000, [::1]:50000, unix:/run/agent.sock.
  [[nodiscard]] std::string target() const;

  // Whether two servers cannot both have it. Port 0 is another one each time.
  [[nodiscard]] bool is_same(const ListenAddress& other) const;
};

enum class Remote { refused, allowed };

// Reads IP:PORT, [IPv6]:PORT, localhost:PORT or unix:/PATH. Names are not looked up. Throws
// Status::argument for anything else, and, unless that is allowed, for an address that other
// machines may reach.
[[nodiscard]] ListenAddress parse_listen_address(std::string_view text, Remote remote);

}  // namespace oskbc::services
