// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>

#include "base/unique_fd.h"
#include "services/listen_address.h"

namespace oskbc::services {

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
