// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace oskbc::broker {

// Asks the database again and again whether it answers: in a thread of its own, since it may take
// its time, and signals have to be heard meanwhile.
class StateWatch {
 public:
  struct Seen {
    bool answers = false;
    std::size_t open = 0;  // launches, where it answers
    std::chrono::duration<double> took{};
    std::string problem;  // where it does not
  };
  // Gives the number of open launches; throws what the database fails with.
  using Look = std::function<std::size_t()>;
  using Tell = std::function<void(const Seen&)>;

  StateWatch(Look look, Tell tell, std::chrono::microseconds interval);
  StateWatch(const StateWatch&) = delete;
  StateWatch& operator=(const StateWatch&) = delete;
  ~StateWatch();

 private:
  void run();
  [[nodiscard]] Seen see() const;

  Look look_;
  Tell tell_;
  std::chrono::microseconds interval_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace oskbc::broker
