// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "services/listener.h"

// How a command has a running broker do something, and learns what came of it: systemd's
// ExecReload= has to fail where a reload does, and a signal has no answer.
namespace oskbc::broker {

// What came of a command: each of its parts that failed has a line.
struct Outcome {
  core::Status status = core::Status::ok;  // of the first that failed
  std::vector<std::string> problems;

  void add(core::Status failed, const std::string& problem) {
    if (status == core::Status::ok) status = failed;
    problems.push_back(problem);
  }
};

// Some of many problems, and how many more there are: twenty thousand keysets may all have lost
// their key.
[[nodiscard]] std::vector<std::string> first_of(const std::vector<std::string>& problems);

// A Unix socket that takes a command a connection, in a thread of its own, from root and from the
// broker's own user.
class Control {
 public:
  // `act` may throw; it is called for one command at a time.
  using Act = std::function<Outcome(std::string_view command)>;

  // Throws Status::io and Status::argument.
  Control(const std::string& socket, Act act);

 private:
  void answer(core::UniqueFd connection) const;

  Act act_;
  services::Listener listener_;
};

// Has the broker at a socket do this. Throws Status::io where none answers.
[[nodiscard]] Outcome tell_broker(const std::string& socket, std::string_view command);

}  // namespace oskbc::broker
