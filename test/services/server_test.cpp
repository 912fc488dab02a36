// SPDX-License-Identifier: Apache-2.0
#include "services/server.h"

#include <keyprovider.grpc.pb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/temp_tree.h"
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

TEST_CASE("a Unix socket is made, one that was left behind replaced, and removed at the end") {
  const test::TempTree tree;
  const std::string path = tree.path("agent.sock");
  struct stat about {};
  {
    const Server server(address_of("unix:" + path), {&service}, Limits());
    REQUIRE(lstat(path.c_str(), &about) == 0);
    CHECK(S_ISSOCK(about.st_mode));
    CHECK(server.address().path == path);
  }
  CHECK(lstat(path.c_str(), &about) != 0);
}

TEST_CASE("a Unix socket in a folder that is missing is an error with its path") {
  const auto failure = test::failure_of([] {
    const Server server(address_of("unix:/nonexistent/agent.sock"), {&service}, Limits());
  });
  CHECK(failure.status == core::Status::io);
  CHECK(failure.text.find("/nonexistent/agent.sock") != std::string::npos);
}
