// SPDX-License-Identifier: Apache-2.0
#include "agent/failure_log.h"

#include <poll.h>
#include <unistd.h>

#include <cstddef>

namespace oskbc::agent {
namespace {

constexpr std::chrono::seconds kInterval{10};
constexpr unsigned kLinesAnInterval = 20;
// What a pipe takes without waiting, or not at all (PIPE_BUF).
constexpr std::size_t kLongestLine = 1024;

}  // namespace

void FailureLog::add(const char* method, const std::string& message) {
  const Clock::time_point now = Clock::now();
  if (now - begun_ >= kInterval) {
    begun_ = now;
    lines_ = 0;
  }
  // Who reads the log may have stopped reading; the agent does not wait for it.
  pollfd log{STDERR_FILENO, POLLOUT, 0};
  if (lines_ >= kLinesAnInterval || poll(&log, 1, 0) != 1 || (log.revents & POLLOUT) == 0) {
    ++left_out_;
    return;
  }
  ++lines_;
  std::string line = "oskbc-agent: ";
  if (left_out_ != 0) line += "(" + std::to_string(left_out_) + " more were not shown) ";
  left_out_ = 0;
  line += method + (": " + message).substr(0, kLongestLine) + "\n";
  static_cast<void>(write(STDERR_FILENO, line.data(), line.size()) + 1);
}

}  // namespace oskbc::agent
