// SPDX-License-Identifier: Apache-2.0
#include "agent/server.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <tuple>
#include <utility>

#include "agent/agent_socket.h"
#include "base/error.h"
#include "base/status.h"

namespace oskbc::agent {
namespace {

using core::fail;
using core::Status;
using core::UniqueFd;
using std::chrono::milliseconds;

// Ids below are the listeners' and the stop's.
constexpr std::uint64_t kStop = 0;
constexpr std::uint64_t kFirstListener = 1;
constexpr std::uint64_t kFirstConnection = 1000;

// Accepted from one socket before the connections have their turn.
constexpr int kAcceptedAtOnce = 64;
constexpr int kNothingFree = 50;
// What stopping waits for answers to be taken.
constexpr milliseconds kGrace{1000};

class Umask {
 public:
  explicit Umask(mode_t mode) : before_(umask(mode)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { umask(before_); }

 private:
  mode_t before_;
};

}  // namespace

Server::Server(Handler handler, Peers peers)
    : handler_(std::move(handler)),
      peers_(peers),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      next_id_(kFirstConnection) {
  if (epoll_.get() < 0) fail(Status::io, "epoll_create1 failed: %s", std::strerror(errno));
}

void Server::listen(const services::ListenAddress& address) {
  open_entrance(address, {.listener = {}, .peers = peers_, .named = {}});
}

void Server::listen(const services::ListenAddress& address, Named answer) {
  open_entrance(address,
                {.listener = {}, .peers = Peers(std::nullopt), .named = std::move(answer)});
}

void Server::open_entrance(const services::ListenAddress& address, Entrance entrance) {
  make_folder_of(address);
  // So that nobody connects between the socket's making and its mode's setting.
  const Umask umask(0177);
  entrance.listener = std::make_unique<services::Listener>(address);
  hand_to_group(address, entrance.peers.group());
  watch(EPOLL_CTL_ADD, entrance.listener->fd(), EPOLLIN, kFirstListener + entrances_.size());
  entrances_.push_back(std::move(entrance));
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> addresses;
  for (const Entrance& entrance : entrances_) {
    addresses.push_back(entrance.listener->address().target());
  }
  return addresses;
}

void Server::run(int stop) {
  watch(EPOLL_CTL_ADD, stop, EPOLLIN, kStop);
  while (!stopped_) {
    wait();
    close_overdue();
  }
  for (const Entrance& entrance : entrances_) entrance.listener->stop();
  drain();
  connections_.clear();
}

void Server::watch(int operation, int fd, std::uint32_t events, Id id) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  if (epoll_ctl(epoll_.get(), operation, fd, &event) != 0) {
    fail(Status::io, "epoll_ctl failed: %s", std::strerror(errno));
  }
}

void Server::wait() {
  std::array<epoll_event, 64> events{};
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                               milliseconds_until_overdue());
  for (int i = 0; i < count && !stopped_; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const Id id = event.data.u64;
    if (id == kStop) {
      stopped_ = true;
    } else if (id < kFirstConnection) {
      accept_from(entrances_[id - kFirstListener]);
    } else {
      serve(id, event.events);
    }
  }
}

void Server::accept_from(const Entrance& entrance) {
  for (int i = 0; i < kAcceptedAtOnce; ++i) {
    UniqueFd fd = accept_one(*entrance.listener);
    if (fd.get() < 0) return;
    add(std::move(fd), entrance);
  }
}

// Where the system has no descriptor left, an idle connection gives its own.
UniqueFd Server::accept_one(const services::Listener& listener) {
  for (;;) {
    UniqueFd fd(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    const bool short_of_something =
        errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (fd.get() >= 0 || !short_of_something) return fd;
    if (connections_.empty()) {
      poll(nullptr, 0, kNothingFree);
      return fd;
    }
    close_least_used(std::nullopt);
  }
}

void Server::add(UniqueFd fd, const Entrance& entrance) {
  const auto user = entrance.peers.user_of(fd.get());
  if (!user) return;
  make_room(*user);
  const Clock::time_point now = Clock::now();
  Connection connection(std::move(fd), *user, now);
  std::uint32_t events = EPOLLIN;
  if (entrance.named) {
    // Nearly always, that is all of it.
    if (!connection.give(entrance.named(name_of_peer(connection.fd())), now)) return;
    events = EPOLLOUT;
  }
  const Id id = next_id_++;
  watch(EPOLL_CTL_ADD, connection.fd(), events, id);
  connections_.try_emplace(id, Watched{std::move(connection), events});
}

void Server::make_room(uid_t user) {
  const auto of_user =
      std::count_if(connections_.begin(), connections_.end(),
                    [user](const auto& entry) { return entry.second.connection.uid() == user; });
  if (static_cast<std::size_t>(of_user) >= bounds::kConnectionsOfUser) {
    close_least_used(user);
  } else if (connections_.size() >= bounds::kConnections) {
    close_least_used(std::nullopt);
  }
}

// ttRPC's clients keep a connection for long and do not make it anew, so one that was served is
// worth more than one that never asked; but whoever makes hundreds that were served may not push
// out a client that comes now. So the larger of the two kinds gives one: what waits for nothing,
// and has been silent longest.
void Server::close_least_used(std::optional<uid_t> of_user) {
  const auto counts = [&](const Connection& connection) {
    return !of_user || connection.uid() == *of_user;
  };
  std::ptrdiff_t more_served = 0;
  for (const auto& [id, watched] : connections_) {
    if (counts(watched.connection)) more_served += watched.connection.served() ? 1 : -1;
  }
  auto least = connections_.end();
  const auto worth = [&](const Connection& connection) {
    return std::tuple(connection.served() != (more_served > 0), !connection.idle(),
                      connection.used());
  };
  for (auto entry = connections_.begin(); entry != connections_.end(); ++entry) {
    if (!counts(entry->second.connection)) continue;
    if (least == connections_.end() ||
        worth(entry->second.connection) < worth(least->second.connection)) {
      least = entry;
    }
  }
  if (least != connections_.end()) connections_.erase(least);
}

void Server::serve(Id id, std::uint32_t events) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;  // closed for another's sake
  Connection& connection = found->second.connection;
  const Clock::time_point now = Clock::now();
  bool alive = true;
  if ((events & EPOLLOUT) != 0) alive = connection.send(handler_, now);
  if (alive && (events & ~EPOLLOUT) != 0) {
    // One that hung up without reading its answers is of no more use.
    alive = connection.wants_to_read() ? connection.receive(handler_, now)
                                       : (events & (EPOLLHUP | EPOLLERR)) == 0;
  }
  if (!alive) {
    connections_.erase(found);
    return;
  }
  update(id, found->second);
  take_back(connection.held());
}

void Server::update(Id id, Watched& watched) {
  const Connection& connection = watched.connection;
  const std::uint32_t events =
      (connection.wants_to_read() ? EPOLLIN : 0U) | (connection.wants_to_write() ? EPOLLOUT : 0U);
  if (events == watched.events) return;
  watch(EPOLL_CTL_MOD, connection.fd(), events, id);
  watched.events = events;
}

// Closes whoever holds most while all together hold too much. Who asks for one key at a time holds
// next to nothing.
void Server::take_back(std::size_t held_by_one) {
  // With less each, there is not too much.
  if (held_by_one <= bounds::kHeld / bounds::kConnections) return;
  std::size_t held = 0;
  auto most = connections_.begin();
  for (auto entry = connections_.begin(); entry != connections_.end(); ++entry) {
    const std::size_t here = entry->second.connection.held();
    held += here;
    if (here > most->second.connection.held()) most = entry;
  }
  if (held > bounds::kHeld) connections_.erase(most);
}

void Server::close_overdue() {
  const Clock::time_point now = Clock::now();
  std::erase_if(connections_, [now](const auto& entry) {
    const auto deadline = entry.second.connection.deadline();
    return deadline && *deadline <= now;
  });
}

int Server::milliseconds_until_overdue() const {
  std::optional<Clock::time_point> first;
  for (const auto& [id, watched] : connections_) {
    const auto deadline = watched.connection.deadline();
    if (deadline && (!first || *deadline < *first)) first = deadline;
  }
  if (!first) return -1;
  const auto left = std::chrono::ceil<milliseconds>(*first - Clock::now());
  return static_cast<int>(std::max(left, milliseconds(0)).count());
}

// Requests that came too late are told so.
void Server::drain() {
  const Handler refuse = [](const ttrpc::Request&, Buffer&) {
    return services::RpcStatus{services::RpcCode::unavailable, "OSKBC_E_IO: the agent stops"};
  };
  const Clock::time_point end = Clock::now() + kGrace;
  for (;;) {
    for (auto entry = connections_.begin(); entry != connections_.end();) {
      Connection& connection = entry->second.connection;
      const bool alive = connection.send(refuse, Clock::now()) && connection.wants_to_write();
      entry = alive ? std::next(entry) : connections_.erase(entry);
    }
    if (connections_.empty() || Clock::now() >= end) return;
    poll(nullptr, 0, kNothingFree);
  }
}

}  // namespace oskbc::agent
