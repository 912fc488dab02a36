// SPDX-License-Identifier: Apache-2.0
#include "broker/control.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::control_test {

using broker::Control;
using broker::Outcome;
using broker::tell_broker;
using core::Status;

namespace {

core::UniqueFd connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  core::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

void send_text(const core::UniqueFd& fd, const std::string& text) {
  REQUIRE(send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(text.size()));
}

// "" if the other end closes without a word.
std::string receive_text(const core::UniqueFd& fd) {
  std::array<char, 1000> block{};
  std::string text;
  for (;;) {
    const ssize_t count = recv(fd.get(), block.data(), block.size(), 0);
    if (count <= 0) return text;
    text.append(block.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

TEST_CASE("whoever has a command done learns what came of it") {
  const test::TempFolder folder;
  std::vector<std::string> commands;
  std::optional<Control> control;
  control.emplace(folder.path("socket"), [&](std::string_view command) {
    commands.emplace_back(command);
    Outcome outcome;
    if (command == "half") {
      outcome.add(Status::keyset, "keyset K is refused");
      outcome.add(Status::io, "there is no folder");
    }
    return outcome;
  });
  CHECK(tell_broker(folder.path("socket"), "all").status == Status::ok);
  const Outcome half = tell_broker(folder.path("socket"), "half");
  CHECK(half.status == Status::keyset);
  CHECK(half.problems == std::vector<std::string>{"keyset K is refused", "there is no folder"});
  control.reset();
  CHECK(commands == std::vector<std::string>{"all", "half"});
}

TEST_CASE("what a command throws is an outcome, too") {
  const test::TempFolder folder;
  const Control control(folder.path("socket"), [](std::string_view) -> Outcome {
    core::fail(Status::argument, "no such command");
  });
  const Outcome outcome = tell_broker(folder.path("socket"), "what");
  CHECK(outcome.status == Status::argument);
  CHECK(outcome.problems == std::vector<std::string>{"no such command"});
}

TEST_CASE("of many problems some are told, and how many more there are") {
  const test::TempFolder folder;
  const Control control(folder.path("socket"), [](std::string_view) {
    Outcome outcome;
    for (int i = 0; i < 20000; ++i) outcome.add(Status::keyset, "keyset " + std::to_string(i));
    return outcome;
  });
  const Outcome outcome = tell_broker(folder.path("socket"), "reload");
  REQUIRE(outcome.problems.size() == 21);
  CHECK(outcome.problems.back() == "and 19980 more");
}

TEST_CASE("a broker that is not there is said, and so is one that ends meanwhile") {
  const test::TempFolder folder;
  const std::string path = folder.path("socket");
  CHECK(test::status_of([&] { static_cast<void>(tell_broker(path, "all")); }) == Status::io);

  const services::ListenAddress address =
      services::parse_listen_address("unix:" + path, services::Remote::refused);
  services::Listener ending(address);
  // Without REQUIRE, which is for one thread.
  ending.start([](core::UniqueFd connection) {
    static_cast<void>(send(connection.get(), "1", 1, MSG_NOSIGNAL));
  });
  const test::Failure failure =
      test::failure_of([&] { static_cast<void>(tell_broker(path, "all")); });
  CHECK(failure.status == Status::io);
  CHECK(failure.text.find("does not say what came of it") != std::string::npos);
}

TEST_CASE("what is no command does nothing, and others are heard after it") {
  const test::TempFolder folder;
  std::atomic<int> count = 0;
  const Control control(folder.path("socket"), [&](std::string_view) {
    ++count;
    return Outcome();
  });
  const core::UniqueFd endless = connect_to(folder.path("socket"));
  send_text(endless, std::string(1000, 'x'));
  CHECK(receive_text(endless).empty());
  connect_to(folder.path("socket")).reset();
  CHECK(tell_broker(folder.path("socket"), "all").status == Status::ok);
  CHECK(count == 1);
}

}  // namespace oskbc::control_test
