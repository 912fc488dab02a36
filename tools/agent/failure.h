// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace oskbc::agent {

// The agent's own statuses, beside the library's and that of a wrong command line (EX_DATAERR and
// EX_OSERR of sysexits.h).
inline constexpr int kBadImage = 65;
inline constexpr int kCannotRun = 71;

// Why an image does not run, and the status that the agent stops with. Holds no secrets.
class Failure : public std::runtime_error {
 public:
  Failure(int status, const std::string& text) : std::runtime_error(text), status_(status) {}

  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  int status_;
};

[[noreturn]] inline void fail_with_errno(int status, const std::string& what) {
  throw Failure(status, what + ": " + std::strerror(errno));
}

}  // namespace oskbc::agent
