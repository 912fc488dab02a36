// SPDX-License-Identifier: Apache-2.0
#ifndef OSKBC_EXAMPLES_AGENT_FAILURE_H
#define OSKBC_EXAMPLES_AGENT_FAILURE_H

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace agent {

// The agent's own statuses, beside the library's, which it passes on.
constexpr int kUsage = 64;
constexpr int kBadImage = 65;
constexpr int kCannotRun = 71;

// Why the agent stops, and the status that it stops with. Holds no secrets.
class Failure : public std::runtime_error {
 public:
  Failure(int status, const std::string& text) : std::runtime_error(text), status_(status) {}

  int status() const noexcept { return status_; }

 private:
  int status_;
};

[[noreturn]] inline void fail_with_errno(int status, const std::string& what) {
  throw Failure(status, what + ": " + std::strerror(errno));
}

}  // namespace agent

#endif
