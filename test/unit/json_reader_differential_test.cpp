// SPDX-License-Identifier: Apache-2.0
// The reader against nlohmann/json; support/json_oracle.h has the differences that are intended.
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/status.h"
#include "support/catch.h"
#include "support/json_oracle.h"
#include "support/json_walk.h"
#include "unit/failure.h"
#include "unit/random_json.h"

namespace oskbc::json_reader_differential_test {

using core::Status;
using test::judge_json;
using test::Members;
using test::RandomJson;
using test::Verdict;

namespace {

// Readable in a report, whatever the bytes are.
std::string shown(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

struct Count {
  int accepted = 0;
  int refused = 0;
  int unequal = 0;

  void compare(const std::string& text) {
    const Verdict expected = judge_json(text).verdict;
    if (expected == Verdict::number_too_large) {
      ++unequal;
      return;
    }
    const bool accepted_here = test::status_of([&] { test::walk_json(text); }) == Status::ok;
    ++(accepted_here ? accepted : refused);
    if (accepted_here != (expected == Verdict::accepted)) FAIL_CHECK(shown(text));
  }
};

}  // namespace

TEST_CASE("on ten thousand texts that are JSON the reader agrees with nlohmann/json") {
  RandomJson random(8259);
  Count count;
  for (int i = 0; i < 10000; ++i) count.compare(random.value());
  // The deep ones, some of which are beyond the bound.
  CHECK(count.accepted > 9000);
  CHECK(count.refused > 50);
  CHECK(count.unequal == 0);
}

TEST_CASE("on thirty thousand texts that are broken the reader agrees with nlohmann/json") {
  RandomJson random(7159);
  Count count;
  for (int i = 0; i < 30000; ++i) count.compare(random.mutated(random.value()));
  CHECK(count.accepted > 1000);
  CHECK(count.refused > 10000);
  CHECK(count.unequal < 100);
}

TEST_CASE("flat objects have the names and strings that nlohmann/json reads, in their order") {
  RandomJson random(4627);
  int accepted = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string text = random.flat_object();
    if (i % 2 == 1) text = random.mutated(std::move(text));
    Members members;
    if (test::status_of([&] { members = test::read_members(text); }) != Status::ok) continue;
    ++accepted;
    const auto expected = judge_json(text);
    if (expected.verdict != Verdict::accepted || !expected.flat) FAIL_CHECK(shown(text));
    if (expected.members != members) FAIL_CHECK(shown(text));
  }
  CHECK(accepted > 5000);
}

TEST_CASE("the intended differences to nlohmann/json are as stated") {
  using namespace std::string_literals;
  const auto accepts = [](const std::string& text) {
    return test::status_of([&] { test::walk_json(text); }) == Status::ok;
  };
  CHECK(nlohmann::json::accept("\xef\xbb\xbf[]"s));
  CHECK_FALSE(accepts("\xef\xbb\xbf[]"s));
  CHECK(nlohmann::json::accept("[]\0MARKER"s));
  CHECK_FALSE(accepts("[]\0MARKER"s));
  CHECK(nlohmann::json::accept(std::string(33, '[') + std::string(33, ']')));
  CHECK_FALSE(accepts(std::string(33, '[') + std::string(33, ']')));
  CHECK_FALSE(nlohmann::json::accept("1e999"s));
  CHECK(accepts("1e999"s));
}

}  // namespace oskbc::json_reader_differential_test
