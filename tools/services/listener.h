// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "base/unique_fd.h"

// Where a server listens, and what accepts its connections.
namespace oskbc::services {

struct ListenAddress {
  std::string host;        // an IP address as text, IPv6 without brackets; empty for a Unix socket
  unsigned port = 0;       // 0 has the system choose one
  std::string path;        // of the Unix socket
  bool reachable = false;  // from other machines

  // As gRPC wants it: 127.0.0.1:50000, [::1]:50000, unix:/run/agent.sock.
  [[nodiscard]] std::string target() const;

  // Whether two servers cannot both have it. Port 0 differs each time.
  [[nodiscard]] bool is_same(const ListenAddress& other) const;
};

enum class Remote { refused, allowed };

// Reads IP:PORT, [IPv6]:PORT, localhost:PORT or unix:/PATH. Names are not looked up. Throws
// Status::argument for anything else, and, unless that is allowed, for an address that other
// machines may reach.
[[nodiscard]] ListenAddress parse_listen_address(std::string_view text, Remote remote);

// Accepts connections in a thread of its own. gRPC 1.51 can do that too, but stops listening for
// good when it once has no file descriptor left, and does not tell why it cannot listen.
class Listener {
 public:
  // Throws Status::io with the reason. A Unix socket that nobody listens on any more is replaced.
  explicit Listener(const ListenAddress& address);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { stop(); }

  // With the port that the system chose.
  [[nodiscard]] const ListenAddress& address() const noexcept { return address_; }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  // Hands over each connection, from the thread.
  void start(std::function<void(core::UniqueFd)> accepted);

  // Accepts no more, and frees the address.
  void stop() noexcept;

 private:
  void run(const std::function<void(core::UniqueFd)>& accepted) const;

  ListenAddress address_;
  core::UniqueFd fd_;
  core::UniqueFd wake_;
  std::thread thread_;
};

}  // namespace oskbc::services
