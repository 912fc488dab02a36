// SPDX-License-Identifier: Apache-2.0
#include "ttrpc/client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "services/listener.h"
#include "services/status.h"
#include "ttrpc/frame.h"
#include "ttrpc/protobuf.h"

namespace oskbc::ttrpc {
namespace {

using core::ByteSpan;
using core::ByteView;
using core::fail;
using core::SecretBytes;
using core::Status;

constexpr timeval kPatience{.tv_sec = 60, .tv_usec = 0};

std::string path_of(const std::string& address) {
  const std::string text = address.starts_with('/') ? "unix:" + address : address;
  std::string path = services::parse_listen_address(text, services::Remote::refused).path;
  if (path.empty()) fail(Status::argument, "the agent's address is not unix:///PATH");
  return path;
}

core::UniqueFd connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  core::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0 ||
      connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail(Status::io, "cannot connect to an agent at %s: %s", path.c_str(), std::strerror(errno));
  }
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  return fd;
}

SecretBytes copy_of(ByteView bytes) {
  SecretBytes copy(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.expose_writable().begin());
  return copy;
}

core::Bytes message_of(ByteView field) {
  core::Bytes message;
  append_bytes(message, 1, field);
  return message;
}

}  // namespace

AgentConnection::AgentConnection(const std::string& address)
    : path_(path_of(address)), fd_(connect_to(path_)) {}

AgentConnection::Answer AgentConnection::ask(std::string_view service, std::string_view method,
                                             ByteView payload) {
  const std::uint32_t stream = std::exchange(stream_, stream_ + 2);
  send(write_request(stream, {service, method, payload}));
  std::array<std::uint8_t, kHeaderSize> head{};
  receive(head);
  const Header header = read_header(head);
  if (header.type != Type::response || header.stream != stream || header.size > kMaxData) {
    fail(Status::io, "what listens at %s does not answer as an agent", path_.c_str());
  }
  SecretBytes data(header.size);
  receive(data.expose_writable());
  const Response response = read_response(data.expose());
  return {response.code, std::string(response.message),
          copy_of(first_field(response.payload, "answer"))};
}

SecretBytes AgentConnection::call(std::string_view service, std::string_view method,
                                  ByteView field) {
  Answer answer = ask(service, method, message_of(field));
  if (answer.code != 0) services::fail_as(answer.code, answer.message);
  return std::move(answer.bytes);
}

SecretBytes AgentConnection::unwrap_key(std::string_view request) {
  return call(kKeyProvider, "UnWrapKey", core::as_bytes(request));
}

SecretBytes AgentConnection::resource(std::string_view id_or_uri) {
  return call(kResources, "GetResource", core::as_bytes(id_or_uri));
}

std::vector<Entry> AgentConnection::entries() {
  return read_entries(call(kKeyset, "ListEntries", {}).expose());
}

void AgentConnection::send(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      fail(Status::io, "asking the agent at %s failed: %s", path_.c_str(), std::strerror(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void AgentConnection::receive(ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t count = recv(fd_.get(), bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      fail(Status::io, "no answer from the agent at %s: %s", path_.c_str(),
           count == 0 ? "it closed the connection" : std::strerror(errno));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

// Beside a confidential data hub, today's socket is the hub's, which does not know our service.
std::optional<AgentConnection> find_agent(const std::string& root) {
  // Of the running system it is a slash, with which the sockets' paths start.
  const std::string above = root == "/" ? "" : root;
  for (const std::string_view socket : {kKeyProviderSocket, kTodaysSocket}) {
    try {
      AgentConnection agent(above + std::string(socket));
      const AgentConnection::Answer answer = agent.ask(kKeyset, "ListEntries", {});
      if (answer.code == 0 || answer.message.starts_with("OSKBC_E_")) return agent;
    } catch (const core::Error&) {
      // Nobody listens there.
    }
  }
  return std::nullopt;
}

}  // namespace oskbc::ttrpc
