// SPDX-License-Identifier: Apache-2.0
#include "services/stop_signals.h"

#include <cerrno>

namespace oskbc::services {

StopSignals::StopSignals(std::initializer_list<int> more) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  for (const int signal : more) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

StopSignals::~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

int StopSignals::wait() const {
  int signal = 0;
  while (sigwait(&signals_, &signal) == EINTR) continue;
  return signal;
}

}  // namespace oskbc::services
