// SPDX-License-Identifier: Apache-2.0
#include "services/stop_signals.h"

#include <unistd.h>

#include <csignal>
#include <thread>

#include "support/catch.h"

using oskbc::services::StopSignals;

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
