// SPDX-License-Identifier: Apache-2.0
#include "broker/clients.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::broker {
namespace {

// In Linux's abstract namespace, which no file system has a part in.
constexpr const char* kScheme = "unix-abstract:";
// Longer than what an answer may take; and never more of them than that.
constexpr std::chrono::seconds kKnown{60};
constexpr std::size_t kMostGone = 4096;

}  // namespace

Clients& Clients::all() {
  static Clients clients;
  return clients;
}

Clients::Clients() {
  std::uint64_t number = 0;
  // Somebody who could foresee a name could take it before.
  if (getentropy(&number, sizeof number) != 0)
    core::fail(core::Status::io, "the system has no random bytes");
  prefix_ = "oskbc-" + std::to_string(number) + "-";
}

std::string Clients::name_of(std::uint64_t id) const { return prefix_ + std::to_string(id); }

bool Clients::name_socket(int fd, std::uint64_t id, Client client) {
  const std::string name = name_of(id);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), length) != 0) return false;
  const std::lock_guard lock(mutex_);
  clients_[kScheme + name] = std::move(client);
  return true;
}

void Clients::remove(std::uint64_t id) {
  const std::string peer = kScheme + name_of(id);
  const std::lock_guard lock(mutex_);
  forget();
  if (clients_.contains(peer)) gone_.emplace_back(std::chrono::steady_clock::now(), peer);
}

std::optional<Client> Clients::find(const std::string& peer) const {
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(peer);
  if (found == clients_.end()) return std::nullopt;
  return found->second;
}

void Clients::forget() {
  const Time now = std::chrono::steady_clock::now();
  while (!gone_.empty() && (now - gone_.front().first > kKnown || gone_.size() >= kMostGone)) {
    clients_.erase(gone_.front().second);
    gone_.pop_front();
  }
}

}  // namespace oskbc::broker
