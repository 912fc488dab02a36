// SPDX-License-Identifier: Apache-2.0
#include "broker/gate.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "broker/clients.h"
#include "services/connection.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::gate_test {

using broker::Clients;
using broker::Gate;
using broker::GateOptions;
using core::UniqueFd;
using std::chrono::milliseconds;

namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::string_view kRequest("\0\0\1\1\5\0\0\0\1x", 10);
constexpr std::string_view kUnfinished("\0\0\1\1\4\0\0\0\1x", 10);
constexpr int kSeconds = 20000;

// Stands for gRPC, and keeps what it is given.
class Server {
 public:
  void take(UniqueFd connection) {
    const std::lock_guard lock(mutex_);
    connections_.push_back(std::move(connection));
    changed_.notify_all();
  }
  // The connection with this number, once it is there.
  int wait(std::size_t number) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, milliseconds(kSeconds),
                              [&] { return connections_.size() > number; }));
    return connections_[number].get();
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return connections_.size();
  }
  void close(std::size_t number) { connections_[number].reset(); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<UniqueFd> connections_;
};

bool is_readable(int fd, int milliseconds) {
  pollfd waited = {fd, POLLIN, 0};
  return poll(&waited, 1, milliseconds) == 1;
}

// So many bytes, or fewer if the other side ends.
std::string hear(int fd, std::size_t size) {
  std::string heard;
  while (heard.size() < size && is_readable(fd, kSeconds)) {
    std::string some(size - heard.size(), '\0');
    const ssize_t count = recv(fd, some.data(), some.size(), 0);
    if (count <= 0) break;
    heard += some.substr(0, static_cast<std::size_t>(count));
  }
  return heard;
}

void say(int fd, std::string_view text) {
  REQUIRE(send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
}

// Whatever is heard until then.
bool is_closed(int fd, int within = kSeconds) {
  char heard[1000];
  while (is_readable(fd, within)) {
    if (recv(fd, heard, sizeof heard, 0) <= 0) return true;
  }
  return false;
}

std::string peer_of(int fd) {
  sockaddr_un name{};
  socklen_t length = sizeof name;
  REQUIRE(getpeername(fd, reinterpret_cast<sockaddr*>(&name), &length) == 0);
  const std::size_t size = length - offsetof(sockaddr_un, sun_path) - 1;
  return "unix-abstract:" + std::string(name.sun_path + 1, size);
}

struct Running {
  explicit Running(const GateOptions& options = {}, const std::string& address = "127.0.0.1:0")
      : gate(
            services::parse_listen_address(address, services::Remote::refused), options,
            [this](UniqueFd fd) { server.take(std::move(fd)); },
            [this](const std::string& text) {
              const std::lock_guard lock(mutex);
              said += text + "\n";
            }) {
    gate.start();
  }
  // A client, which has said this.
  [[nodiscard]] UniqueFd client(std::string_view text = {}) const {
    UniqueFd fd = test::make_socket(AF_INET);
    REQUIRE(test::connect_loopback(fd, gate.address().port));
    if (!text.empty()) say(fd.get(), text);
    return fd;
  }
  [[nodiscard]] std::uint64_t closed(const std::string& reason) const {
    const auto counts = gate.counts();
    const auto found = counts.closed.find(reason);
    return found == counts.closed.end() ? 0 : found->second;
  }
  std::string words() {
    const std::lock_guard lock(mutex);
    return said;
  }

  std::mutex mutex;
  std::string said;
  Server server;
  Gate gate;
};

GateOptions quick(int handshake, int request) {
  GateOptions options;
  options.handshake = milliseconds(handshake);
  options.request = milliseconds(request);
  return options;
}

}  // namespace

TEST_CASE("what client and server say passes, and the server finds who it is") {
  Running running;
  const UniqueFd client = running.client(kPreface);
  const int server = running.server.wait(0);
  CHECK(hear(server, kPreface.size()) == kPreface);
  const auto who = Clients::all().find(peer_of(server));
  REQUIRE(who);
  CHECK(who->address.starts_with("ipv4:127.0.0.1:"));
  CHECK(who->name.empty());
  say(client.get(), kRequest);
  CHECK(hear(server, kRequest.size()) == kRequest);
  say(server, "answer");
  CHECK(hear(client.get(), 6) == "answer");
  CHECK(running.gate.counts().open == 1);
}

TEST_CASE("whatever the server said last is heard before the end") {
  Running running;
  const UniqueFd client = running.client(kPreface);
  const int server = running.server.wait(0);
  const std::string much(20000, 'm');
  say(server, much);
  running.server.close(0);
  CHECK(hear(client.get(), much.size() + 1) == much);
  CHECK(is_closed(client.get()));
}

TEST_CASE("who does not speak HTTP/2 never gets to the server") {
  Running running;
  const UniqueFd client = running.client("GET / HTTP/1.1\r\n\r\n");
  CHECK(is_closed(client.get()));
  CHECK(running.server.count() == 0);
  CHECK(running.closed("it does not speak HTTP/2") == 1);
  CHECK(running.words().find("ipv4:127.0.0.1:") != std::string::npos);
}

TEST_CASE("who says too little is not waited for") {
  Running running(quick(300, kSeconds));
  const UniqueFd silent = running.client();
  const UniqueFd half = running.client(kPreface.substr(0, 12));
  const UniqueFd whole = running.client(kPreface);
  CHECK(is_closed(silent.get()));
  CHECK(is_closed(half.get()));
  CHECK_FALSE(is_closed(whole.get(), 0));
  running.server.wait(0);
  CHECK(running.server.count() == 1);
}

TEST_CASE("a request that does not end is not waited for, nor one who takes no answers") {
  Running running(quick(kSeconds, 300));
  const UniqueFd unfinished = running.client(std::string(kPreface) + std::string(kUnfinished));
  CHECK(is_closed(unfinished.get()));
  CHECK(running.closed("a request did not end in time") == 1);
  const UniqueFd deaf = running.client(kPreface);
  const int server = running.server.wait(1);
  const std::string much(std::size_t{1} << 20, 'm');
  std::size_t sent = 0;
  for (;;) {
    pollfd waited = {server, POLLOUT, 0};
    REQUIRE(poll(&waited, 1, kSeconds) == 1);
    const ssize_t count = send(server, much.data(), much.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count <= 0) break;
    sent += static_cast<std::size_t>(count);
  }
  CHECK(sent < (std::size_t{64} << 20));
  CHECK(running.closed("it takes no answers") == 1);
}

TEST_CASE("a server that takes nothing has a client wait, and nothing pile up") {
  Running running(quick(kSeconds, kSeconds));
  const UniqueFd client = running.client(kPreface);
  running.server.wait(0);
  // One frame of data as long as a frame can be, again and again.
  std::string much("\xff\xff\xff\0\0\0\0\0\1", 9);
  much.resize(9 + 0xffffff, 'm');
  std::size_t sent = 0;
  pollfd waited = {client.get(), POLLOUT, 0};
  while (poll(&waited, 1, 500) == 1) {
    const std::size_t at = sent % much.size();
    const ssize_t count =
        send(client.get(), much.data() + at, much.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count <= 0 && errno != EAGAIN) break;
    if (count > 0) sent += static_cast<std::size_t>(count);
    REQUIRE(sent < (std::size_t{64} << 20));
  }
  CHECK(running.gate.counts().open == 1);
}

TEST_CASE("the oldest silent connection makes room, and who has a request stays") {
  GateOptions options = quick(kSeconds, kSeconds);
  options.connections = {100, 3};
  Running running(options);
  const UniqueFd busy = running.client(std::string(kPreface) + std::string(kRequest));
  CHECK(hear(running.server.wait(0), kPreface.size() + kRequest.size()).size() ==
        kPreface.size() + kRequest.size());
  std::vector<UniqueFd> silent;
  const std::string unfinished = std::string(kPreface) + std::string(kUnfinished);
  for (int i = 0; i < 20; ++i) silent.push_back(running.client(i % 2 == 0 ? unfinished : ""));
  for (std::size_t i = 0; i < 18; ++i) CHECK(is_closed(silent[i].get()));
  CHECK_FALSE(is_closed(silent[19].get(), 0));
  CHECK_FALSE(is_closed(busy.get(), 0));
  const UniqueFd next = running.client();
  CHECK(is_closed(silent[18].get()));
  CHECK(running.gate.counts().open == 3);
  CHECK(running.gate.counts().accepted == 22);
  CHECK(running.closed("it made room for a new one") == 19);
}

TEST_CASE("where all have requests, a new one is refused") {
  GateOptions options = quick(kSeconds, kSeconds);
  options.connections = {2, 2};
  Running running(options);
  const std::string both = std::string(kPreface) + std::string(kRequest);
  const UniqueFd first = running.client(both);
  const UniqueFd second = running.client(both);
  CHECK(hear(running.server.wait(0), both.size()) == both);
  CHECK(hear(running.server.wait(1), both.size()) == both);
  CHECK(is_closed(running.client(kPreface).get()));
  CHECK(running.closed("there are too many connections with a request") == 1);
}

TEST_CASE("a flood ends the connection, and is said once") {
  Running running;
  std::string flood(kPreface);
  for (int i = 0; i < 20000; ++i) flood += std::string_view("\0\0\10\6\0\0\0\0\0pingping", 17);
  for (int i = 0; i < 5; ++i) {
    const UniqueFd client = running.client();
    static_cast<void>(send(client.get(), flood.data(), flood.size(), MSG_NOSIGNAL));
    CHECK(is_closed(client.get()));
  }
  const std::string reason = "it sends pings or settings without end";
  CHECK(running.closed(reason) == 5);
  const std::string words = running.words();
  CHECK(words.find(reason) == words.rfind(reason));
}

TEST_CASE("it ends with clients connected, and takes none afterwards") {
  auto running = std::make_unique<Running>();
  const UniqueFd client = running->client(kPreface);
  running->server.wait(0);
  running->gate.stop_listening();
  CHECK_FALSE(test::can_connect(running->gate.address().port));
  CHECK_FALSE(is_closed(client.get(), 0));
  running->gate.stop();
  CHECK(is_closed(client.get()));
  running->gate.stop();
}

TEST_CASE("a client is known for a while after it is gone") {
  Running running;
  UniqueFd client = running.client(kPreface);
  const std::string peer = peer_of(running.server.wait(0));
  client.reset();
  CHECK(is_closed(running.server.wait(0)));
  CHECK(Clients::all().find(peer));
  CHECK_FALSE(Clients::all().find("unix-abstract:oskbc-1-1"));
}

TEST_CASE("clients of a Unix socket have no address") {
  const test::TempFolder folder;
  const std::string path = folder.path("gate.sock");
  Running running({}, "unix:" + path);
  const UniqueFd client = test::make_socket(AF_UNIX);
  const sockaddr_un name = test::name_of(path);
  REQUIRE(connect(client.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  say(client.get(), kPreface);
  CHECK(Clients::all().find(peer_of(running.server.wait(0)))->address == "unix:");
}

TEST_CASE("without files for TLS there is nothing to read anew") {
  Running running;
  CHECK(running.gate.reload().empty());
  CHECK(running.gate.warnings().empty());
  GateOptions options;
  options.tls.certificate = "/nonexistent/cert.pem";
  options.tls.key = "/nonexistent/key.pem";
  CHECK(test::status_of([&] { const Running failing(options); }) == core::Status::io);
}

}  // namespace oskbc::gate_test
