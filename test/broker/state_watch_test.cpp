// SPDX-License-Identifier: Apache-2.0
#include "broker/state_watch.h"

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "support/catch.h"

namespace oskbc::state_watch_test {

using broker::StateWatch;

namespace {

// What a watch tells, and a wait for it.
class Told {
 public:
  void add(const StateWatch::Seen& seen) {
    const std::lock_guard lock(mutex_);
    all_.push_back(seen);
    more_.notify_all();
  }
  std::vector<StateWatch::Seen> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    more_.wait(lock, [&] { return all_.size() >= count; });
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<StateWatch::Seen> all_;
};

}  // namespace

TEST_CASE("a database is asked again and again, and both of its answers are told") {
  Told told;
  std::size_t asked = 0;
  const StateWatch watch(
      [&] {
        if (++asked == 2) throw std::runtime_error("no database");
        return asked;
      },
      [&](const StateWatch::Seen& seen) { told.add(seen); }, std::chrono::milliseconds(1));
  const auto all = told.first(3);
  CHECK(all[0].answers);
  CHECK(all[0].open == 1);
  CHECK_FALSE(all[1].answers);
  CHECK(all[1].problem == "no database");
  CHECK(all[2].answers);
  CHECK(all[2].open == 3);
}

TEST_CASE("it ends without waiting for the next look") {
  Told told;
  {
    const StateWatch watch([] { return std::size_t{0}; },
                           [&](const StateWatch::Seen& seen) { told.add(seen); },
                           std::chrono::hours(1));
    told.first(1);
  }
  CHECK(told.first(1).size() == 1);
}

}  // namespace oskbc::state_watch_test
