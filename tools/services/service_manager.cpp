// SPDX-License-Identifier: Apache-2.0
#include "services/service_manager.h"

#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"

namespace oskbc::services {
namespace {

using core::fail;
using core::Status;

socklen_t fill_address(std::string_view name, sockaddr_un& address) {
  if ((name.front() != '/' && name.front() != '@') || name.size() >= sizeof address.sun_path) {
    fail(Status::io, "NOTIFY_SOCKET is neither a path nor an abstract name of a Unix socket");
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
}

// Of an environment variable; 0 for none and for what is no number.
std::int64_t number_in(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return 0;
  std::int64_t number = 0;
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, number);
  return error == std::errc() && rest == end ? number : 0;
}

}  // namespace

void notify_service_manager(const char* state) {
  const char* name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr || *name == '\0') return;
  sockaddr_un address{};
  const socklen_t length = fill_address(name, address);
  const core::UniqueFd socket_fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (sendto(socket_fd.get(), state, std::strlen(state), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address), length) < 0) {
    fail(Status::io, "telling the service manager at %s of %s failed: %s", name, state,
         std::strerror(errno));
  }
}

std::optional<std::chrono::microseconds> watchdog_time() {
  const std::int64_t time = number_in("WATCHDOG_USEC");
  const std::int64_t process = number_in("WATCHDOG_PID");
  if (time <= 0 || (process != 0 && process != ::getpid())) return std::nullopt;
  return std::chrono::microseconds(time);
}

StopSignals::StopSignals(std::initializer_list<int> more) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  for (const int signal : more) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

StopSignals::~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

int StopSignals::wait() const {
  int signal = 0;
  while (sigwait(&signals_, &signal) == EINTR) continue;
  return signal;
}

core::UniqueFd StopSignals::descriptor() const {
  core::UniqueFd fd(signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK));
  if (fd.get() < 0) fail(Status::io, "waiting for signals failed: %s", std::strerror(errno));
  return fd;
}

}  // namespace oskbc::services
