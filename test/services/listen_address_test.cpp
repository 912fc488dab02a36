// SPDX-License-Identifier: Apache-2.0
#include "services/listen_address.h"

#include <string>

#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using core::Status;
using services::parse_listen_address;
using services::Remote;

namespace {

test::Failure failure_for(std::string_view text, Remote remote = Remote::refused) {
  return test::failure_of([&] { static_cast<void>(parse_listen_address(text, remote)); });
}

}  // namespace

TEST_CASE("a loopback address is listened on") {
  const auto [text, target] = GENERATE(table<const char*, const char*>({
      {"127.0.0.1:50000", "127.0.0.1:50000"},
      {"127.8.8.8:0", "127.8.8.8:0"},
      {"localhost:65535", "127.0.0.1:65535"},
      {"[::1]:50000", "[::1]:50000"},
  }));
  const auto address = parse_listen_address(text, Remote::refused);
  CHECK(address.target() == target);
  CHECK_FALSE(address.reachable);
}

TEST_CASE("a Unix socket is listened on") {
  const auto address = parse_listen_address("unix:/run/agent.sock", Remote::refused);
  CHECK(address.path == "/run/agent.sock");
  CHECK(address.target() == "unix:/run/agent.sock");
  CHECK_FALSE(address.reachable);
  const std::string longest = "/" + std::string(106, 'p');
  CHECK(parse_listen_address("unix:" + longest, Remote::refused).path == longest);
}

TEST_CASE("an address is the same as itself, but for a port that the system chooses") {
  const auto parse = [](const char* text) { return parse_listen_address(text, Remote::refused); };
  CHECK(parse("localhost:1").is_same(parse("127.0.0.1:1")));
  CHECK(parse("unix:/a").is_same(parse("unix:/a")));
  CHECK_FALSE(parse("127.0.0.1:1").is_same(parse("127.0.0.1:2")));
  CHECK_FALSE(parse("127.0.0.1:0").is_same(parse("127.0.0.1:0")));
}

TEST_CASE("an address that other machines can reach has to be allowed") {
  const auto* text = GENERATE("0.0.0.0:50000", "192.0.2.7:50000", "[::]:50000", "[2001:db8::1]:1",
                              "126.255.255.255:1", "128.0.0.1:1", "[::ffff:127.0.0.1]:1");
  const auto failure = failure_for(text);
  CHECK(failure.status == Status::argument);
  CHECK(failure.text.find("--allow-remote") != std::string::npos);
  const auto address = parse_listen_address(text, Remote::allowed);
  CHECK(address.target() == text);
  CHECK(address.reachable);
}

TEST_CASE("what is no address is refused with what to write") {
  const auto* text = GENERATE(
      "", ":", "50000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
      "127.0.0.1: 1", "127.0.0.1:1x", "127.0.0.1:99999999999999999999", ":50000", "::1:50000",
      "[::1]", "[]:1", "[127.0.0.1]:1", "[::1:1", "::1]:1", "127.1:1", "host.example:50000",
      "127.0.0.1.:1", "unix:", "unix:relative", "unix-abstract:name");
  INFO(text);
  const auto failure = failure_for(text, Remote::allowed);
  CHECK(failure.status == Status::argument);
  CHECK(failure.text.find("127.0.0.1:50000") != std::string::npos);
}

TEST_CASE("a path that a Unix socket cannot have is refused") {
  CHECK(failure_for("unix:/" + std::string(107, 'p')).status == Status::argument);
  CHECK(failure_for(std::string_view("unix:/a\0b", 9)).status == Status::argument);
}

TEST_CASE("the message about an endless address ends") {
  CHECK(failure_for(std::string(100000, '7')).text.size() < 400);
}
