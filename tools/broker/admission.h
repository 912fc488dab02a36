// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace oskbc::broker {

// Who may be connected: so many in all, so many from one address, so many with one certificate's
// name. Where a bound is reached, the connection goes that has waited longest without a request,
// and the new one stays: silent ones, however many, keep nobody out.
class Admission {
 public:
  using Id = std::uint64_t;
  using Time = std::chrono::steady_clock::time_point;

  struct Limits {
    std::size_t connections = 1024;
    std::size_t per_client = 128;
  };
  struct Verdict {
    bool admitted = false;
    Id closes = 0;  // the connection that has to make room, unless it is 0
  };

  explicit Admission(const Limits& limits) : limits_(limits) {}

  // From an address, or from "", of which there may be as many as there may be in all.
  [[nodiscard]] Verdict arrive(Id id, const std::string& address, Time now);
  // The same connection, once its certificate is known. Forgotten if it is not admitted.
  [[nodiscard]] Verdict name(Id id, const std::string& name, Time now);
  // It waits for an answer, or has had the last one.
  void set_busy(Id id, bool busy, Time now);
  void leave(Id id);

  [[nodiscard]] bool has(Id id) const { return entries_.contains(id); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::string address;
    std::string name;
    bool busy = false;
    Time since;
  };
  using Ids = std::set<Id>;
  using Groups = std::map<std::string, Ids>;

  [[nodiscard]] Verdict make_room(const Ids& among, Time now, Id except = 0);
  [[nodiscard]] const Ids& largest_group() const;
  static void leave_group(Groups& groups, const std::string& name, Id id);

  Limits limits_;
  std::map<Id, Entry> entries_;
  Groups by_address_;
  Groups by_name_;
};

// What counts as one address: of IPv6, the network of 64 bits that whoever has one has whole.
[[nodiscard]] std::string address_group(const std::string& host);

}  // namespace oskbc::broker
