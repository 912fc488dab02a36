// SPDX-License-Identifier: Apache-2.0
#include "broker/refusal_sums.h"

#include "support/catch.h"

namespace oskbc::refusal_sums_test {

using broker::AuditRecord;
using broker::RefusalSums;

namespace {

AuditRecord refusal(const std::string& client, const std::string& name = "",
                    const std::string& answer = "A") {
  AuditRecord record;
  record.event = "secret";
  record.decision = "refused";
  record.client = client;
  record.client_name = name;
  record.answer = answer;
  return record;
}

constexpr RefusalSums::Time kStart{std::chrono::hours(1)};
constexpr std::chrono::seconds kMinute{60};

RefusalSums::Limits limits(std::size_t per_client, std::size_t lines, std::size_t sums) {
  return {kMinute, per_client, lines, sums};
}

}  // namespace

TEST_CASE("a client's first refusals have lines, whatever port they come from") {
  RefusalSums sums(limits(2, 100, 100));
  CHECK(sums.has_line(refusal("ipv4:192.0.2.1:1"), kStart));
  CHECK(sums.has_line(refusal("ipv4:192.0.2.1:2"), kStart));
  CHECK_FALSE(sums.has_line(refusal("ipv4:192.0.2.1:3"), kStart));
  CHECK(sums.has_line(refusal("ipv4:192.0.2.2:1"), kStart));
  CHECK(sums.has_line(refusal("ipv4:192.0.2.1:4", "named"), kStart));
  CHECK(sums.is_due(kStart + kMinute));
  CHECK_FALSE(sums.is_due(kStart + kMinute / 2));
}

TEST_CASE("with each minute they begin anew") {
  RefusalSums sums(limits(1, 100, 100));
  CHECK(sums.has_line(refusal("a"), kStart));
  CHECK(sums.has_line(refusal("a"), kStart + kMinute));
  CHECK_FALSE(sums.has_line(refusal("a"), kStart + kMinute));
  CHECK(sums.take().size() == 1);
  CHECK(sums.has_line(refusal("a"), kStart + kMinute));
}

TEST_CASE("each client and answer has a sum of its own") {
  RefusalSums sums(limits(0, 100, 100));
  for (const char* answer : {"A", "B", "A"}) {
    CHECK_FALSE(sums.has_line(refusal("ipv6:[::1]:7", "", answer), kStart));
  }
  const auto records = sums.take();
  REQUIRE(records.size() == 2);
  CHECK(records[0].count == 2);
  CHECK(records[0].answer == "A");
  CHECK(records[0].client == "ipv6:[::1]");
  CHECK(records[1].count == 1);
  CHECK(sums.take().empty());
}

TEST_CASE("of very many clients, lines and sums are bounded") {
  RefusalSums sums(limits(10, 5, 3));
  int lines = 0;
  for (int i = 0; i < 100; ++i) {
    lines += sums.has_line(refusal("host" + std::to_string(i)), kStart) ? 1 : 0;
  }
  CHECK(lines == 5);
  std::size_t counted = 0;
  const auto records = sums.take();
  for (const AuditRecord& record : records) counted += record.count.value();
  CHECK(records.size() == 4);
  CHECK(counted == 95);
}

}  // namespace oskbc::refusal_sums_test
