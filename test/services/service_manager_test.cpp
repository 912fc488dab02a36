// SPDX-License-Identifier: Apache-2.0
#include "services/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "base/status.h"
#include "base/unique_fd.h"
#include "support/catch.h"
#include "support/temp_tree.h"
#include "unit/failure.h"

namespace oskbc::service_manager_test {

using core::Status;
using services::notify_service_manager;
using services::StopSignals;

namespace {

// What the service manager listens on; its name starts with @ where it is abstract.
class Manager {
 public:
  explicit Manager(const std::string& name) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto length = offsetof(sockaddr_un, sun_path) + name.size();
    REQUIRE(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address),
                 static_cast<socklen_t>(length)) == 0);
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  ~Manager() { unsetenv("NOTIFY_SOCKET"); }

  [[nodiscard]] std::string heard() const {
    std::array<char, 100> text{};
    const ssize_t length = recv(fd_.get(), text.data(), text.size(), MSG_DONTWAIT);
    return length < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(length));
  }

 private:
  core::UniqueFd fd_;
};

test::Failure failure_with(const std::string& socket_name) {
  setenv("NOTIFY_SOCKET", socket_name.c_str(), 1);
  const auto failure = test::failure_of([] { notify_service_manager("READY=1"); });
  unsetenv("NOTIFY_SOCKET");
  return failure;
}

}  // namespace

TEST_CASE("the service manager hears a state at a path") {
  const test::TempTree tree;
  const Manager manager(tree.path("notify"));
  notify_service_manager("READY=1");
  CHECK(manager.heard() == "READY=1");
}

TEST_CASE("the service manager hears a state at an abstract name") {
  const Manager manager("@oskbc-notify-" + std::to_string(getpid()));
  notify_service_manager("STOPPING=1");
  CHECK(manager.heard() == "STOPPING=1");
}

TEST_CASE("the watchdog's time is told to this process alone") {
  unsetenv("WATCHDOG_USEC");
  unsetenv("WATCHDOG_PID");
  CHECK_FALSE(services::watchdog_time());
  setenv("WATCHDOG_USEC", "30000000", 1);
  CHECK(services::watchdog_time() == std::chrono::seconds(30));
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  CHECK(services::watchdog_time() == std::chrono::seconds(30));
  setenv("WATCHDOG_PID", "1", 1);
  CHECK_FALSE(services::watchdog_time());
  unsetenv("WATCHDOG_PID");
  for (const char* wrong : {"", "0", "-5", "soon", "30s"}) {
    setenv("WATCHDOG_USEC", wrong, 1);
    CHECK_FALSE(services::watchdog_time());
  }
  unsetenv("WATCHDOG_USEC");
}

TEST_CASE("without a service manager nothing is told") {
  unsetenv("NOTIFY_SOCKET");
  notify_service_manager("READY=1");
  setenv("NOTIFY_SOCKET", "", 1);
  notify_service_manager("READY=1");
  unsetenv("NOTIFY_SOCKET");
}

TEST_CASE("a service manager that cannot be told is an error that names it") {
  const auto failure = failure_with("/nonexistent/notify");
  CHECK(failure.status == Status::io);
  CHECK(failure.text.find("/nonexistent/notify") != std::string::npos);
}

TEST_CASE("a name that is no Unix socket's is refused") {
  CHECK(failure_with("vsock:2:1234").status == Status::io);
  CHECK(failure_with("/" + std::string(200, 'p')).status == Status::io);
}

TEST_CASE("a signal that came before the wait is not lost") {
  const StopSignals signals;
  const int number = GENERATE(SIGTERM, SIGINT);
  kill(getpid(), number);
  CHECK(signals.wait() == number);
}

TEST_CASE("more signals can be waited for") {
  const StopSignals signals{SIGHUP};
  kill(getpid(), SIGHUP);
  CHECK(signals.wait() == SIGHUP);
}

TEST_CASE("a signal ends the wait while other threads run") {
  const StopSignals signals;
  std::thread sender([] { kill(getpid(), SIGTERM); });
  CHECK(signals.wait() == SIGTERM);
  sender.join();
}

TEST_CASE("afterwards the signals are as they were") {
  sigset_t before;
  sigset_t after;
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  { const StopSignals signals; }
  pthread_sigmask(SIG_BLOCK, nullptr, &after);
  CHECK(sigismember(&after, SIGTERM) == sigismember(&before, SIGTERM));
  CHECK(sigismember(&after, SIGINT) == sigismember(&before, SIGINT));
}

}  // namespace oskbc::service_manager_test
