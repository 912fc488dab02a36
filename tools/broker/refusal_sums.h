// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "broker/audit_record.h"

namespace oskbc::broker {

// Which refusals have a line of their own in the audit, and the sums of the others: who floods a
// broker with what is refused should fill no disk. Not thread-safe.
class RefusalSums {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Limits {
    std::chrono::milliseconds period = std::chrono::minutes(1);
    std::size_t lines_per_client = 20;  // in a period
    std::size_t lines = 1000;           // of all clients
    std::size_t sums = 1000;  // of all clients; what is over them is one sum without a client
  };

  explicit RefusalSums(const Limits& limits) : limits_(limits) {}

  // Whether this refusal has a line. Counts it otherwise.
  [[nodiscard]] bool has_line(const AuditRecord& refusal, Time now);
  // Whether a period has ended, in which something was counted.
  [[nodiscard]] bool is_due(Time now) const { return !sums_.empty() && now >= end_; }
  [[nodiscard]] Time end() const noexcept { return end_; }
  [[nodiscard]] bool empty() const noexcept { return sums_.empty(); }
  // A record for each sum so far; a new period begins.
  [[nodiscard]] std::vector<AuditRecord> take();

 private:
  // Event, answer, client, its name.
  using Kind = std::tuple<std::string, std::string, std::string, std::string>;
  struct Sum {
    std::size_t count = 0;
    AuditRecord record;
  };
  void count(const AuditRecord& refusal, const std::string& client);

  const Limits limits_;
  Time end_{};
  std::size_t lines_ = 0;
  std::map<std::string, std::size_t> lines_of_;
  std::map<Kind, Sum> sums_;
};

// The address without the port, since each connection has another: "ipv4:192.0.2.1".
[[nodiscard]] std::string host_of(const std::string& address);

}  // namespace oskbc::broker
