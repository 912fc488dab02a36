// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/connection.h"
#include "agent/peer.h"
#include "base/unique_fd.h"
#include "services/listener.h"

namespace oskbc::agent {

namespace bounds {

// Each takes a file descriptor and half a kilobyte; a guest has a handful of clients.
inline constexpr std::size_t kConnections = 256;

// So that a user of --allow-group leaves room for root.
inline constexpr std::size_t kConnectionsOfUser = 192;

// Of unfinished requests and unread answers together. The largest single one is 4 MiB.
inline constexpr std::size_t kHeld = std::size_t{16} << 20;

}  // namespace bounds

// Serves Unix sockets over ttRPC, in one thread that waits for all of them at once: answers take
// microseconds, and nobody can make it wait. Where there is too much of something, it takes it from
// who has most: see close_least_used() and take_back().
class Server {
 public:
  Server(Handler handler, Peers peers);

  // Makes the folder and the socket. Throws Status::io, argument.
  void listen(const services::ListenAddress& address);

  // The same for clients that only read: what `answer` makes of the name that a client's end is
  // bound to is sent, and the connection closed. Only root and who runs this may ask.
  using Named = std::function<Buffer(std::string_view name)>;
  void listen(const services::ListenAddress& address, Named answer);

  [[nodiscard]] std::vector<std::string> addresses() const;

  // Until `stop` becomes readable. Then nothing is read any more, and what was answered has a
  // moment to be taken.
  void run(int stop);

 private:
  using Id = std::uint64_t;
  struct Watched {
    Connection connection;
    std::uint32_t events;
  };

  // What accepts connections, and for what.
  struct Entrance {
    std::unique_ptr<services::Listener> listener;
    Peers peers;
    Named named;  // empty: ttRPC
  };

  void open_entrance(const services::ListenAddress& address, Entrance entrance);
  void watch(int operation, int fd, std::uint32_t events, Id id);
  void wait();
  void accept_from(const Entrance& entrance);
  [[nodiscard]] core::UniqueFd accept_one(const services::Listener& listener);
  void add(core::UniqueFd fd, const Entrance& entrance);
  void make_room(uid_t user);
  void close_least_used(std::optional<uid_t> of_user);
  void serve(Id id, std::uint32_t events);
  void update(Id id, Watched& watched);
  void take_back(std::size_t held_by_one);
  void close_overdue();
  [[nodiscard]] int milliseconds_until_overdue() const;
  void drain();

  Handler handler_;
  Peers peers_;
  core::UniqueFd epoll_;
  std::vector<Entrance> entrances_;
  std::map<Id, Watched> connections_;
  Id next_id_;
  bool stopped_ = false;
};

}  // namespace oskbc::agent
