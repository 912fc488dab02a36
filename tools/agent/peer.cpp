// SPDX-License-Identifier: Apache-2.0
#include "agent/peer.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <vector>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::agent {
namespace {

constexpr const char* kGroups = "/etc/group";

std::optional<gid_t> number_in(std::string_view text) {
  gid_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The third field of the line that starts with the name: getgrnam(3) would load other libraries at
// run time, and an initrd has none.
std::optional<gid_t> group_in_file(const std::string& name) {
  std::ifstream file(kGroups);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name + ":")) continue;
    const std::size_t password = line.find(':', name.size() + 1);
    if (password == std::string::npos) continue;
    const std::string_view number = std::string_view(line).substr(password + 1);
    return number_in(number.substr(0, number.find(':')));
  }
  return std::nullopt;
}

}  // namespace

std::optional<uid_t> Peers::user_of(int connection) const {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  if (peer.uid == 0 || peer.uid == geteuid() || in_group(connection, peer.gid)) return peer.uid;
  return std::nullopt;
}

bool Peers::in_group(int connection, gid_t own_group) const {
  if (!group_) return false;
  if (own_group == *group_) return true;
  // The kernel's bound (NGROUPS_MAX).
  std::vector<gid_t> groups(65536);
  auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  if (getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) return false;
  groups.resize(size / sizeof(gid_t));
  return std::find(groups.begin(), groups.end(), *group_) != groups.end();
}

std::string name_of_peer(int connection) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  constexpr socklen_t kBefore = offsetof(sockaddr_un, sun_path);
  if (getpeername(connection, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      address.sun_family != AF_UNIX || size <= kBefore || size > sizeof address) {
    return {};
  }
  return {address.sun_path, size - kBefore};
}

gid_t find_group(const std::string& name) {
  if (const auto number = number_in(name)) return *number;
  if (const auto number = group_in_file(name)) return *number;
  core::fail(core::Status::argument, "there is no group with the name or number given in %s",
             kGroups);
}

void shut_others_out() noexcept {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace oskbc::agent
