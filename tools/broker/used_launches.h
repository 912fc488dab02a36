// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace oskbc::broker {

// The launches that were used, for as long as an older copy of the database could have them open:
// whoever brings one back gets no secret twice. Thread-safe.
class UsedLaunches {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit UsedLaunches(std::chrono::seconds lifetime) : lifetime_(lifetime) {}

  // Whether it was not there before.
  bool add(std::int32_t id, Time now = std::chrono::steady_clock::now());
  [[nodiscard]] bool contains(std::int32_t id) const;

 private:
  struct Used {
    Time time;
    std::int32_t id;
  };
  const std::chrono::seconds lifetime_;
  mutable std::mutex mutex_;
  std::unordered_set<std::int32_t> ids_;
  std::deque<Used> in_order_;
};

struct ReleasedLaunches {
  std::vector<std::int32_t> ids;
  std::vector<std::string> unreadable;  // files that may have more of them
};

// The connections whose secrets an audit says were released within `age`: in the file, and in those
// beside it that rotation gave longer names. Nothing where there is no such file.
[[nodiscard]] ReleasedLaunches released_launches(const std::string& audit,
                                                 std::chrono::seconds age);

}  // namespace oskbc::broker
