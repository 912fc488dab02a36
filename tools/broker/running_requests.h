// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace oskbc::broker {

// The requests that run, so that a broker that stops can wait for them. Thread-safe.
class RunningRequests {
 public:
  // One of them, to the end of the scope. Throws a ClientError once drain() was called: the client
  // is told to ask again, elsewhere or later.
  class One {
   public:
    explicit One(RunningRequests& all);
    One(const One&) = delete;
    One& operator=(const One&) = delete;
    ~One();

   private:
    RunningRequests& all_;
  };

  // Lets no more begin, and waits for those that run, but no longer than `grace`, and then until
  // clients have the last answers.
  void drain(std::chrono::milliseconds grace);

 private:
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t count_ = 0;
  std::chrono::steady_clock::time_point last_end_;
  bool draining_ = false;
};

}  // namespace oskbc::broker
