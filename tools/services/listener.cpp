// SPDX-License-Identifier: Apache-2.0
#include "services/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::services {
namespace {

using core::fail;
using core::Status;

constexpr std::string_view kUnix = "unix:";
// With the NUL that ends the path.
constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

int shown(std::string_view text) { return static_cast<int>(text.size() < 128 ? text.size() : 128); }

[[noreturn]] void refuse(std::string_view text, const char* reason) {
  fail(Status::argument,
       "the address %.*s %s; write IP:PORT, [IPv6]:PORT or unix:/PATH, such as 127.0.0.1:50000",
       shown(text), text.data(), reason);
}

ListenAddress parse_unix(std::string_view text) {
  std::string_view path = text.substr(kUnix.size());
  // unix:///run/a.sock, as ttRPC's clients write it, is unix:/run/a.sock; unix://run/a.sock has a
  // host.
  if (path.starts_with("///")) path.remove_prefix(2);
  if (!path.starts_with('/') || path.starts_with("//")) refuse(text, "has no absolute path");
  if (path.size() > kLongestPath) refuse(text, "has a path that is too long for a Unix socket");
  if (path.find('\0') != std::string_view::npos) refuse(text, "has a NUL in its path");
  return {.host = {}, .port = 0, .path = std::string(path)};
}

std::optional<bool> is_loopback(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return std::nullopt;
}

unsigned parse_port(std::string_view text, std::string_view digits) {
  unsigned port = 0;
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, port);
  if (digits.empty() || error != std::errc() || rest != end || port > 65535) {
    refuse(text, "has no port from 0 to 65535");
  }
  return port;
}

// Only IPv6 has brackets, and has to have them: its colons are not the port's.
std::string parse_host(std::string_view text, std::string_view host) {
  if (host == "localhost") return "127.0.0.1";
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  if (brackets != (host.find(':') != std::string_view::npos)) {
    refuse(text, "has brackets that are not around an IPv6 address");
  }
  return std::string(host);
}

}  // namespace

std::string ListenAddress::target() const {
  if (!path.empty()) return std::string(kUnix) + path;
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return name + ":" + std::to_string(port);
}

bool ListenAddress::is_same(const ListenAddress& other) const {
  return target() == other.target() && (port != 0 || !path.empty());
}

ListenAddress parse_listen_address(std::string_view text, Remote remote) {
  if (text.starts_with(kUnix)) return parse_unix(text);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) refuse(text, "has no port");
  ListenAddress address{.host = parse_host(text, text.substr(0, colon)),
                        .port = parse_port(text, text.substr(colon + 1)),
                        .path = {}};
  const std::optional<bool> loopback = is_loopback(address.host);
  if (!loopback) refuse(text, "has no IP address");
  address.reachable = !*loopback;
  if (address.reachable && remote == Remote::refused) {
    fail(
        Status::argument,
        "the address %.*s can be reached from other machines; take 127.0.0.1, [::1] or a Unix socket, or give --allow-remote",
        shown(text), text.data());
  }
  return address;
}

namespace {

constexpr int kBacklog = 128;
// How long to wait for a file descriptor to come free.
constexpr int kRetryMilliseconds = 50;

[[noreturn]] void fail_listening(const ListenAddress& address) {
  fail(Status::io, "cannot listen on %s: %s", address.target().c_str(), std::strerror(errno));
}

// An address in the form that the system calls take.
struct SocketAddress {
  explicit SocketAddress(const ListenAddress& address) {
    if (!address.path.empty()) {
      auto& name = as<sockaddr_un>();
      name.sun_family = AF_UNIX;
      std::memcpy(name.sun_path, address.path.data(), address.path.size());
      length = sizeof name;
    } else if (inet_pton(AF_INET, address.host.c_str(), &as<sockaddr_in>().sin_addr) == 1) {
      as<sockaddr_in>().sin_family = AF_INET;
      as<sockaddr_in>().sin_port = htons(static_cast<std::uint16_t>(address.port));
      length = sizeof(sockaddr_in);
    } else {
      inet_pton(AF_INET6, address.host.c_str(), &as<sockaddr_in6>().sin6_addr);
      as<sockaddr_in6>().sin6_family = AF_INET6;
      as<sockaddr_in6>().sin6_port = htons(static_cast<std::uint16_t>(address.port));
      length = sizeof(sockaddr_in6);
    }
  }

  template <typename Form>
  Form& as() {
    return reinterpret_cast<Form&>(storage);
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }

  sockaddr_storage storage{};
  socklen_t length = 0;
};

core::UniqueFd make_socket(const SocketAddress& address) {
  return core::UniqueFd(
      socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// What a server left that was killed. A file that is no socket, or somebody's, stays.
void remove_stale_socket(const ListenAddress& address, const SocketAddress& name) {
  struct stat about {};
  if (lstat(address.path.c_str(), &about) != 0 || !S_ISSOCK(about.st_mode)) return;
  const core::UniqueFd probe = make_socket(name);
  if (connect(probe.get(), name.get(), name.length) != 0 && errno == ECONNREFUSED) {
    unlink(address.path.c_str());
  }
}

core::UniqueFd open_socket(const ListenAddress& address) {
  const SocketAddress name(address);
  core::UniqueFd fd = make_socket(name);
  if (fd.get() < 0) fail_listening(address);
  const int on = 1;
  if (address.path.empty()) {
    // A port may be taken again while connections of the previous server are still closing.
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  } else {
    remove_stale_socket(address, name);
  }
  if (bind(fd.get(), name.get(), name.length) != 0 || listen(fd.get(), kBacklog) != 0) {
    fail_listening(address);
  }
  return fd;
}

unsigned port_of(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length);
  // Both families have it at the same offset.
  return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

// Requests and answers are small, and a client waits for each.
void send_at_once(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool is_short_of_something(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Listener::Listener(const ListenAddress& address)
    : address_(address), fd_(open_socket(address)), wake_(eventfd(0, EFD_CLOEXEC)) {
  if (wake_.get() < 0) fail_listening(address);
  if (address_.path.empty()) address_.port = port_of(fd_.get());
}

void Listener::start(std::function<void(core::UniqueFd)> accepted) {
  thread_ = std::thread([this, accepted = std::move(accepted)] { run(accepted); });
}

void Listener::run(const std::function<void(core::UniqueFd)>& accepted) const {
  pollfd waited[] = {{wake_.get(), POLLIN, 0}, {fd_.get(), POLLIN, 0}};
  for (;;) {
    poll(waited, 2, -1);
    if (waited[0].revents != 0) return;
    core::UniqueFd connection(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (connection.get() >= 0) {
      if (address_.path.empty()) send_at_once(connection.get());
      accepted(std::move(connection));
    } else if (is_short_of_something(errno)) {
      poll(waited, 1, kRetryMilliseconds);
    }
  }
}

void Listener::stop() noexcept {
  if (thread_.joinable()) {
    eventfd_write(wake_.get(), 1);
    thread_.join();
  }
  if (fd_.get() >= 0 && !address_.path.empty()) unlink(address_.path.c_str());
  fd_.reset();
}

}  // namespace oskbc::services
