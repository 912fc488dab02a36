// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

#include "agent/requests.h"
#include "services/status.h"
#include "ttrpc/frame.h"

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

// The services of today's and of older guests, by their names (lib/README.md), and one of our own.
class Methods {
 public:
  explicit Methods(const Requests& requests) : requests_(requests) {}

  // Fills `answer`, field 1 of the method's answer, or says why not.
  [[nodiscard]] services::RpcStatus call(const ttrpc::Request& request, Buffer& answer);

 private:
  const Requests& requests_;
  FailureLog log_;
};

}  // namespace oskbc::agent
