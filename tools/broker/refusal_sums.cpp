// SPDX-License-Identifier: Apache-2.0
#include "broker/refusal_sums.h"

#include <utility>

namespace oskbc::broker {

std::string host_of(const std::string& address) {
  if (!address.starts_with("ipv4:") && !address.starts_with("ipv6:")) return address;
  return address.substr(0, address.rfind(':'));
}

bool RefusalSums::has_line(const AuditRecord& refusal, Time now) {
  if (now >= end_ && sums_.empty()) {
    end_ = now + limits_.period;
    lines_ = 0;
    lines_of_.clear();
  }
  const std::string host = host_of(refusal.client);
  const std::string& client = refusal.client_name.empty() ? host : refusal.client_name;
  if (lines_ < limits_.lines && lines_of_[client] < limits_.lines_per_client) {
    ++lines_;
    ++lines_of_[client];
    return true;
  }
  count(refusal, host);
  return false;
}

void RefusalSums::count(const AuditRecord& refusal, const std::string& client) {
  Kind kind{refusal.event, refusal.answer, client, refusal.client_name};
  if (!sums_.contains(kind) && sums_.size() >= limits_.sums) {
    kind = {refusal.event, refusal.answer, "", ""};
  }
  Sum& sum = sums_[kind];
  if (sum.count++ != 0) return;
  sum.record.event = refusal.event;
  sum.record.decision = refusal.decision;
  sum.record.answer = refusal.answer;
  sum.record.client = std::get<2>(kind);
  sum.record.client_name = std::get<3>(kind);
}

std::vector<AuditRecord> RefusalSums::take() {
  std::vector<AuditRecord> records;
  records.reserve(sums_.size());
  for (auto& [kind, sum] : sums_) {
    sum.record.count = sum.count;
    records.push_back(std::move(sum.record));
  }
  sums_.clear();
  end_ = {};
  return records;
}

}  // namespace oskbc::broker
