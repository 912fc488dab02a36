// SPDX-License-Identifier: Apache-2.0
#include "services/listener.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/status.h"
#include "services/connection.h"
#include "support/catch.h"
#include "support/temp_tree.h"
#include "unit/failure.h"

namespace oskbc::listener_test {

using core::Status;
using core::UniqueFd;
using services::ListenAddress;
using services::Listener;
using services::parse_listen_address;
using services::Remote;
using test::can_connect;

namespace {

test::Failure failure_for(std::string_view text, Remote remote = Remote::refused) {
  return test::failure_of([&] { static_cast<void>(parse_listen_address(text, remote)); });
}

ListenAddress address_of(const std::string& text) {
  return parse_listen_address(text, Remote::refused);
}

// Whether a counter gets there within a time that even a busy machine keeps.
bool reaches(const std::atomic<int>& counter, int wanted) {
  for (int i = 0; i < 1000 && counter < wanted; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return counter >= wanted;
}

bool is_socket(const std::string& path) {
  struct stat about {};
  return lstat(path.c_str(), &about) == 0 && S_ISSOCK(about.st_mode);
}

// Lets the process have no more file descriptors than it has now.
class NoMoreFiles {
 public:
  NoMoreFiles() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const UniqueFd next(dup(STDIN_FILENO));
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(next.get());
    setrlimit(RLIMIT_NOFILE, &now);
  }
  NoMoreFiles(const NoMoreFiles&) = delete;
  NoMoreFiles& operator=(const NoMoreFiles&) = delete;
  ~NoMoreFiles() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

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

TEST_CASE("connections are accepted until the end, at a port that the system chose") {
  std::atomic<int> count = 0;
  Listener listener(address_of("127.0.0.1:0"));
  const unsigned port = listener.address().port;
  REQUIRE(port > 0);
  listener.start([&](UniqueFd connection) { count += connection.get() >= 0 ? 1 : 0; });
  for (int i = 0; i < 20; ++i) CHECK(can_connect(port));
  CHECK(reaches(count, 20));
  listener.stop();
  CHECK_FALSE(can_connect(port));
  listener.stop();
}

TEST_CASE("a port that is listened on is not shared, and the reason told") {
  const Listener listener(address_of("127.0.0.1:0"));
  const auto failure = test::failure_of([&] { const Listener other(listener.address()); });
  CHECK(failure.status == Status::io);
  CHECK(failure.text ==
        "cannot listen on " + listener.address().target() + ": Address already in use");
}

TEST_CASE("the loopback of IPv6 is listened on where there is one") {
  try {
    const Listener listener(address_of("[::1]:0"));
    CHECK(listener.address().port > 0);
  } catch (const core::Error& error) {
    WARN(error.what());
  }
}

TEST_CASE("it goes on after there were no file descriptors left") {
  std::atomic<int> count = 0;
  Listener listener(address_of("127.0.0.1:0"));
  listener.start([&](const UniqueFd&) { ++count; });
  REQUIRE(can_connect(listener.address().port));
  REQUIRE(reaches(count, 1));
  const UniqueFd client = test::make_socket(AF_INET);
  bool connected = false;
  int accepted = 0;
  {
    // Sanitizers need file descriptors for their checks of what Catch2 does.
    const NoMoreFiles no_more;
    connected = test::connect_loopback(client, listener.address().port);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    accepted = count;
  }
  REQUIRE(connected);
  CHECK(accepted == 1);
  CHECK(reaches(count, 2));
}

TEST_CASE("a Unix socket is made, listened on, and removed at the end") {
  const test::TempTree tree;
  const std::string path = tree.path("agent.sock");
  std::atomic<int> count = 0;
  {
    Listener listener(address_of("unix:" + path));
    listener.start([&](const UniqueFd&) { ++count; });
    CHECK(can_connect(path));
    CHECK(reaches(count, 1));
  }
  CHECK_FALSE(tree.has("agent.sock"));
}

TEST_CASE("a Unix socket that a killed server left is replaced, one in use is not") {
  const test::TempTree tree;
  const std::string path = tree.path("agent.sock");
  {
    const UniqueFd killed = test::make_socket(AF_UNIX);
    const sockaddr_un name = test::name_of(path);
    REQUIRE(bind(killed.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  }
  REQUIRE(is_socket(path));
  const Listener listener(address_of("unix:" + path));
  const auto failure = test::failure_of([&] { const Listener other(listener.address()); });
  CHECK(failure.status == Status::io);
  CHECK(failure.text.find("in use") != std::string::npos);
  CHECK(is_socket(path));
}

TEST_CASE("a file in the socket's place stays") {
  const test::TempTree tree;
  const std::string path = tree.write("agent.sock", "a file");
  CHECK(test::status_of([&] { const Listener listener(address_of("unix:" + path)); }) ==
        Status::io);
  CHECK(tree.has("agent.sock"));
}

TEST_CASE("a folder that is missing is an error with its path") {
  const auto failure =
      test::failure_of([] { const Listener listener(address_of("unix:/nonexistent/a.sock")); });
  CHECK(failure.text == "cannot listen on unix:/nonexistent/a.sock: No such file or directory");
}

}  // namespace oskbc::listener_test
