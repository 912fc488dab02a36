// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>
#include <initializer_list>
#include <optional>

#include "base/unique_fd.h"

// A service's two ties to whoever runs it: what systemd is told, and the signals that end it.
namespace oskbc::services {

// sd_notify(3), without its library: sends a state such as "READY=1" to the socket that
// NOTIFY_SOCKET names; does nothing where there is none. Throws Status::io.
void notify_service_manager(const char* state);

// How long the service manager waits for the next "WATCHDOG=1" until it takes the service for
// hanging (sd_watchdog_enabled(3)); nothing if it does not wait for this process.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_time();

// SIGTERM, SIGINT and whatever more as something to wait for. Made before the process has other
// threads, which inherit that the signals are blocked, so that none of them is ended by one.
class StopSignals {
 public:
  explicit StopSignals(std::initializer_list<int> more = {});
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  // Waits for one of them, and gives its number.
  [[nodiscard]] int wait() const;

  // A descriptor that becomes readable with one of them, for who waits for more than signals.
  // Throws Status::io.
  [[nodiscard]] core::UniqueFd descriptor() const;

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace oskbc::services
