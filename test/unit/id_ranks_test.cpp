// SPDX-License-Identifier: Apache-2.0
// Ranks against the ids themselves.
#include "format/id_ranks.h"

#include <random>
#include <string>
#include <vector>

#include "support/catch.h"

namespace oskbc::id_ranks_test {

using core::IdRanks;

namespace {

IdRanks ranks_of(const std::vector<std::string>& ids) {
  IdRanks ranks;
  for (const std::string& id : ids) ranks.add(id);
  return ranks;
}

// Whether no rank contradicts the order of the ids' bytes.
bool agree(const std::vector<std::string>& ids) {
  const IdRanks ranks = ranks_of(ids);
  for (const std::string& a : ids) {
    if (!ranks.may_have(a)) return false;
    for (const std::string& b : ids) {
      if (ranks.rank(a) < ranks.rank(b) && !(a < b)) return false;
      if (a == b && ranks.rank(a) != ranks.rank(b)) return false;
    }
  }
  return true;
}

std::string random_id(std::mt19937& random, const std::string& start) {
  std::string id = start;
  for (auto size = random() % 14; size > 0; --size) id += static_cast<char>(1 + random() % 255);
  return id;
}

}  // namespace

TEST_CASE("ranks have the order of the ids' bytes") {
  CHECK(agree({"default/key/1", "default/key/10", "default/key/2", "default/key/\xc3\xa9"}));
  CHECK(agree({"", "a", "b"}));
  CHECK(agree({"the same for long, a", "the same for long, b", "the same for long"}));
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const std::string start = random_id(random, "");
    std::vector<std::string> ids(1 + random() % 12);
    for (std::string& id : ids) id = random_id(random, random() % 8 == 0 ? "" : start);
    CHECK(agree(ids));
  }
}

TEST_CASE("where the first eight bytes after the prefix are the same, ranks are too") {
  const std::vector<std::string> ids = {"p/12345678a", "p/12345678b", "p/2"};
  const IdRanks ranks = ranks_of(ids);
  CHECK(ranks.rank(ids[0]) == ranks.rank(ids[1]));
  CHECK(ranks.rank(ids[1]) < ranks.rank(ids[2]));
}

TEST_CASE("what starts otherwise than all ids is none of them") {
  const std::vector<std::string> ids = {"default/key/1", "default/key/2"};
  const IdRanks ranks = ranks_of(ids);
  CHECK(ranks.may_have("default/key/3"));
  CHECK(ranks.may_have("default/key/"));
  CHECK_FALSE(ranks.may_have("default/key"));
  CHECK_FALSE(ranks.may_have("other/key/1"));
  CHECK_FALSE(IdRanks().may_have("default/key/1"));
  CHECK_FALSE(IdRanks().may_have(""));
}

}  // namespace oskbc::id_ranks_test
