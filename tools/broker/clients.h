// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "broker/client.h"

namespace oskbc::broker {

// Who is at the other end of each socket that the gate made for gRPC. gRPC tells the services the
// name of a connection's peer and nothing else of it, so that the name leads here. Thread-safe.
class Clients {
 public:
  // Of this process: so are the names.
  [[nodiscard]] static Clients& all();

  // Gives the socket a name that only this process can guess, and that no other one gets later.
  // False if the system refuses.
  [[nodiscard]] bool name_socket(int fd, std::uint64_t id, Client client);
  // Its requests may still run, and are recorded: it is known for some time more.
  void remove(std::uint64_t id);
  // By what gRPC calls the peer.
  [[nodiscard]] std::optional<Client> find(const std::string& peer) const;

 private:
  using Time = std::chrono::steady_clock::time_point;

  Clients();
  [[nodiscard]] std::string name_of(std::uint64_t id) const;
  void forget();

  std::string prefix_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Client> clients_;
  std::deque<std::pair<Time, std::string>> gone_;
};

}  // namespace oskbc::broker
