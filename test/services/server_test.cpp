// SPDX-License-Identifier: Apache-2.0
#include "services/server.h"

#include <keyprovider.grpc.pb.h>

#include <catch2/catch.hpp>

#include "unit/failure.h"

using namespace oskbc;
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
