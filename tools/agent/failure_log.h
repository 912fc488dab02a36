// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace oskbc::agent {

// Tells on standard error why calls fail, where nobody sees the clients' errors. A few lines at a
// time: an initrd's standard error is the console, and a client may fail without end.
class FailureLog {
 public:
  void add(const char* method, const std::string& message);

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point begun_;
  unsigned lines_ = 0;
  unsigned left_out_ = 0;
};

}  // namespace oskbc::agent
