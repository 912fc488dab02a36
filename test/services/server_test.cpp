// SPDX-License-Identifier: Apache-2.0
#include "services/server.h"

#include <arpa/inet.h>
#include <keyprovider.grpc.pb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/status.h"
#include "services/connection.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::server_test {

using services::Limits;
using services::ListenAddress;
using services::parse_listen_address;
using services::Remote;
using services::Server;

namespace {

// Answers UNIMPLEMENTED to everything.
keyprovider::KeyProviderService::Service service;

ListenAddress address_of(const std::string& text) {
  return parse_listen_address(text, Remote::refused);
}

// A client as it begins to speak HTTP/2, and an empty frame of settings.
constexpr std::string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

// Says this, and no more; whether the server closes the connection within some seconds.
bool is_closed_on(const Server& server, std::string_view said) {
  const core::UniqueFd fd = test::make_socket(AF_INET);
  REQUIRE(test::connect_loopback(fd, server.address().port));
  REQUIRE(send(fd.get(), said.data(), said.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(said.size()));
  pollfd waited = {fd.get(), POLLIN, 0};
  std::array<char, 1000> heard{};
  while (poll(&waited, 1, 10000) == 1) {
    if (recv(fd.get(), heard.data(), heard.size(), 0) <= 0) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("port 0 becomes one that the system chose") {
  const Server server(address_of("127.0.0.1:0"), {&service}, Limits());
  CHECK(server.address().port > 0);
  CHECK(server.address().host == "127.0.0.1");
}

TEST_CASE("a port that another server listens on is not shared") {
  const Server server(address_of("127.0.0.1:0"), {&service}, Limits());
  const auto failure =
      test::failure_of([&] { const Server other(server.address(), {&service}, Limits()); });
  CHECK(failure.status == core::Status::io);
  CHECK(failure.text.find(server.address().target()) != std::string::npos);
}

TEST_CASE("a stopped server lets its port go") {
  ListenAddress address = address_of("127.0.0.1:0");
  {
    Server server(address, {&service}, Limits());
    address = server.address();
    server.stop(std::chrono::seconds(1));
    server.stop(std::chrono::seconds(1));
  }
  const Server again(address, {&service}, Limits());
  CHECK(again.address().port == address.port);
}

TEST_CASE("a client that says nothing is not waited for") {
  Limits limits;
  limits.handshake = std::chrono::milliseconds(200);
  const Server server(address_of("127.0.0.1:0"), {&service}, limits);
  CHECK(is_closed_on(server, ""));
  CHECK(is_closed_on(server, kPreface.substr(0, 20)));
}

TEST_CASE("a connection without requests is closed") {
  Limits limits;
  limits.idle = std::chrono::milliseconds(200);
  limits.grace = std::chrono::milliseconds(200);
  const Server server(address_of("127.0.0.1:0"), {&service}, limits);
  CHECK(is_closed_on(server, kPreface));
}

TEST_CASE("a connection is closed when it is old") {
  Limits limits;
  limits.age = std::chrono::milliseconds(200);
  limits.grace = std::chrono::milliseconds(200);
  const Server server(address_of("127.0.0.1:0"), {&service}, limits);
  CHECK(is_closed_on(server, kPreface));
}

}  // namespace oskbc::server_test
