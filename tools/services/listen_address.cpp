// SPDX-License-Identifier: Apache-2.0
#include "services/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>
#include <optional>

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
  const std::string_view path = text.substr(kUnix.size());
  if (!path.starts_with('/')) refuse(text, "has no absolute path");
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

}  // namespace oskbc::services
