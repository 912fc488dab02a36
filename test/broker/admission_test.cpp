// SPDX-License-Identifier: Apache-2.0
#include "broker/admission.h"

#include <optional>
#include <string>

#include "support/catch.h"

namespace oskbc::admission_test {

using broker::address_group;
using broker::Admission;
using std::chrono::seconds;

namespace {

Admission::Time at(int second) { return Admission::Time(seconds(1000 + second)); }

// Whether it is admitted, and whom it has go, if it may.
std::optional<Admission::Id> outcome(const Admission::Verdict& verdict) {
  if (!verdict.admitted) return std::nullopt;
  return verdict.closes;
}

constexpr Admission::Id kNobody = 0;

}  // namespace

TEST_CASE("one address has so many connections, and then the oldest goes") {
  Admission admission({10, 3});
  for (Admission::Id id = 1; id <= 3; ++id)
    CHECK(outcome(admission.arrive(id, "a", at(1))) == kNobody);
  admission.set_busy(1, true, at(2));
  admission.set_busy(1, false, at(3));
  CHECK(outcome(admission.arrive(4, "a", at(4))) == 2);
  CHECK(outcome(admission.arrive(5, "b", at(4))) == kNobody);
  CHECK(admission.size() == 4);
  admission.leave(2);
  CHECK(admission.size() == 4);
}

TEST_CASE("who has a request stays, unless it has it for long") {
  Admission admission({10, 2});
  CHECK(outcome(admission.arrive(1, "a", at(0))) == kNobody);
  CHECK(outcome(admission.arrive(2, "a", at(0))) == kNobody);
  admission.set_busy(1, true, at(1));
  CHECK(outcome(admission.arrive(3, "a", at(2))) == 2);
  admission.set_busy(3, true, at(3));
  CHECK(outcome(admission.arrive(4, "a", at(30))) == std::nullopt);
  CHECK(outcome(admission.arrive(5, "a", at(31))) == 1);
  CHECK(outcome(admission.arrive(6, "a", at(60))) == 5);
}

TEST_CASE("who was served is silent from some seconds later on") {
  Admission admission({10, 3});
  for (Admission::Id id = 1; id <= 3; ++id) {
    CHECK(outcome(admission.arrive(id, "a", at(static_cast<int>(id)))) == kNobody);
  }
  admission.set_busy(1, true, at(4));
  admission.set_busy(1, false, at(5));
  CHECK(outcome(admission.arrive(4, "a", at(14))) == 2);
  CHECK(outcome(admission.arrive(5, "a", at(15))) == 3);
  CHECK(outcome(admission.arrive(6, "a", at(16))) == 4);
  CHECK(outcome(admission.arrive(7, "a", at(17))) == 1);
}

TEST_CASE("where all are taken, who has most makes room") {
  Admission admission({4, 3});
  CHECK(outcome(admission.arrive(1, "old", at(0))) == kNobody);
  for (Admission::Id id = 2; id <= 4; ++id)
    CHECK(outcome(admission.arrive(id, "many", at(1))) == kNobody);
  CHECK(outcome(admission.arrive(5, "new", at(2))) == 2);
  for (Admission::Id id = 3; id <= 4; ++id) admission.set_busy(id, true, at(3));
  CHECK(outcome(admission.arrive(6, "another", at(4))) == std::nullopt);
  CHECK(admission.size() == 4);
}

TEST_CASE("one name has so many connections, from whatever addresses") {
  Admission admission({10, 2});
  const char* addresses[] = {"a", "b", "c", "d"};
  for (Admission::Id id = 1; id <= 2; ++id) {
    CHECK(outcome(admission.arrive(id, addresses[id], at(0))) == kNobody);
    CHECK(outcome(admission.name(id, "host", at(0))) == kNobody);
  }
  CHECK(outcome(admission.arrive(3, "c", at(1))) == kNobody);
  CHECK(outcome(admission.name(3, "host", at(1))) == 1);
  admission.set_busy(2, true, at(2));
  admission.set_busy(3, true, at(2));
  CHECK(outcome(admission.arrive(4, "d", at(3))) == kNobody);
  CHECK(outcome(admission.name(4, "host", at(3))) == std::nullopt);
  CHECK(admission.size() == 2);
  CHECK(outcome(admission.arrive(5, "d", at(3))) == kNobody);
  CHECK(outcome(admission.name(5, "other", at(3))) == kNobody);
  CHECK(outcome(admission.name(99, "host", at(3))) == std::nullopt);
}

TEST_CASE("who has neither name nor address counts among all alone") {
  Admission admission({5, 1});
  for (Admission::Id id = 1; id <= 5; ++id) {
    CHECK(outcome(admission.arrive(id, "", at(0))) == kNobody);
    CHECK(outcome(admission.name(id, "", at(0))) == kNobody);
  }
  CHECK(outcome(admission.arrive(6, "", at(0))) == 1);
}

TEST_CASE("a flood of silent connections leaves room for each that comes") {
  Admission admission({100, 20});
  for (Admission::Id id = 1; id <= 5000; ++id) {
    const auto address = "192.0.2." + std::to_string(id % 50);
    REQUIRE(admission.arrive(id, address, at(static_cast<int>(id))).admitted);
    REQUIRE(admission.size() <= 100);
  }
  CHECK(admission.arrive(6000, "203.0.113.1", at(6000)).admitted);
}

TEST_CASE("a network of IPv6 is one address") {
  CHECK(address_group("192.0.2.7") == "192.0.2.7");
  CHECK(address_group("2001:db8::1") == address_group("2001:db8::ffff:2"));
  CHECK(address_group("2001:db8::1") != address_group("2001:db8:0:1::1"));
  CHECK(address_group("::ffff:192.0.2.7") == "192.0.2.7");
}

}  // namespace oskbc::admission_test
