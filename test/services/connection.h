// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "base/unique_fd.h"

// A client's side of a connection, without the code that is tested.
namespace oskbc::test {

[[nodiscard]] inline core::UniqueFd make_socket(int family) {
  return core::UniqueFd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

[[nodiscard]] inline bool connect_loopback(const core::UniqueFd& fd, unsigned port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
}

[[nodiscard]] inline bool can_connect(unsigned port) {
  return connect_loopback(make_socket(AF_INET), port);
}

[[nodiscard]] inline sockaddr_un name_of(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  return name;
}

[[nodiscard]] inline bool can_connect(const std::string& path) {
  const core::UniqueFd fd = make_socket(AF_UNIX);
  const sockaddr_un name = name_of(path);
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
}

}  // namespace oskbc::test
