// SPDX-License-Identifier: Apache-2.0
#include "broker/admission.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <tuple>

namespace oskbc::broker {
namespace {

// An answer takes less; a request that takes longer gives its connection's room to others.
constexpr std::chrono::seconds kLongestBusy{30};
// Between a bundle and its secret a guest is measured. Who was served is silent from then on only,
// so that a flood of new connections does not come between.
constexpr std::chrono::seconds kServed{10};

}  // namespace

Admission::Verdict Admission::arrive(Id id, const std::string& address, Time now) {
  Verdict verdict{true, 0};
  const auto group = by_address_.find(address);
  if (!address.empty() && group != by_address_.end() &&
      group->second.size() >= limits_.per_client) {
    verdict = make_room(group->second, now);
  } else if (entries_.size() >= limits_.connections) {
    verdict = make_room(largest_group(), now);
  }
  if (!verdict.admitted) return verdict;
  entries_[id] = {address, {}, false, now};
  by_address_[address].insert(id);
  return verdict;
}

Admission::Verdict Admission::name(Id id, const std::string& name, Time now) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return {};
  if (name.empty()) return {true, 0};
  found->second.name = name;
  Ids& group = by_name_[name];
  group.insert(id);
  if (group.size() <= limits_.per_client) return {true, 0};
  const Verdict verdict = make_room(group, now, id);
  if (!verdict.admitted) leave(id);
  return verdict;
}

void Admission::set_busy(Id id, bool busy, Time now) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  found->second.busy = busy;
  found->second.since = busy ? now : now + kServed;
}

void Admission::leave(Id id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  leave_group(by_address_, found->second.address, id);
  leave_group(by_name_, found->second.name, id);
  entries_.erase(found);
}

Admission::Verdict Admission::make_room(const Ids& among, Time now, Id except) {
  const Entry* oldest = nullptr;
  Id closes = 0;
  for (const Id id : among) {
    const Entry& entry = entries_.at(id);
    if (id == except || (entry.busy && now - entry.since < kLongestBusy)) continue;
    // Who waits without a request goes before who has an old one.
    if (oldest == nullptr ||
        std::tie(entry.busy, entry.since) < std::tie(oldest->busy, oldest->since)) {
      oldest = &entry;
      closes = id;
    }
  }
  if (oldest == nullptr) return {};
  leave(closes);
  return {true, closes};
}

// One who comes from many addresses makes others pay less than if the oldest of all went.
const Admission::Ids& Admission::largest_group() const {
  const auto largest = std::ranges::max_element(
      by_address_, {}, [](const auto& group) { return group.second.size(); });
  return largest->second;
}

void Admission::leave_group(Groups& groups, const std::string& name, Id id) {
  const auto found = groups.find(name);
  if (found == groups.end()) return;
  found->second.erase(id);
  if (found->second.empty()) groups.erase(found);
}

std::string address_group(const std::string& host) {
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) != 1) return host;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return host.substr(host.rfind(':') + 1);
  std::fill_n(&v6.s6_addr[8], 8, std::uint8_t{0});
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, &v6, text, sizeof text);
  return std::string(text) + "/64";
}

}  // namespace oskbc::broker
