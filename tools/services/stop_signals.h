// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <initializer_list>

namespace oskbc::services {

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

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace oskbc::services
