// SPDX-License-Identifier: Apache-2.0
#include "broker/launch_ids.h"

#include <set>

#include "launches.h"
#include "support/catch.h"

namespace oskbc::launch_ids_test {

using broker::ConnectionId;
using broker::LaunchIds;

namespace {

constexpr ConnectionId kIds[] = {1, 2, 0x1234567, 0x7fffffff};

}  // namespace

TEST_CASE("a launch's id leads back to its connection, for all who have the state's key") {
  const LaunchIds here(test::state_key());
  const LaunchIds there(test::state_key());
  std::set<std::string> seen;
  for (const ConnectionId id : kIds) {
    const std::string text = here.launch_id(id);
    CHECK(there.connection(text) == id);
    CHECK(seen.insert(text).second);
  }
}

TEST_CASE("it is a GUID of version 8 that shows the connection") {
  const std::string text = LaunchIds(test::state_key()).launch_id(0x0badcafe);
  REQUIRE(text.size() == 36);
  CHECK(text.starts_with("0badcafe-"));
  CHECK(text[14] == '8');
  CHECK(std::string("89ab").find(text[19]) != std::string::npos);
}

TEST_CASE("a guessed one is no launch's") {
  const LaunchIds ids(test::state_key());
  const std::string right = ids.launch_id(7);
  for (std::size_t i = 0; i < right.size(); ++i) {
    std::string wrong = right;
    wrong[i] = wrong[i] == '0' ? '1' : '0';
    CHECK(ids.connection(wrong) == 0);
  }
  CHECK(ids.connection("") == 0);
  CHECK(ids.connection("7") == 0);
  CHECK(ids.connection(right + "0") == 0);
  CHECK(LaunchIds(test::state_key(0x43)).connection(right) == 0);
}

}  // namespace oskbc::launch_ids_test
