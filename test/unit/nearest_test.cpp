// SPDX-License-Identifier: Apache-2.0
#include "common/nearest.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace oskbc::nearest_test {

using tools::did_you_mean;
using tools::nearest;

namespace {

const std::vector<std::string> kWords = {"table", "secret", "session", "keygen"};

}  // namespace

TEST_CASE("the word with the fewest letters to change is meant") {
  CHECK(nearest("tabel", kWords) == "table");
  CHECK(nearest("tables", kWords) == "table");
  CHECK(nearest("seccret", kWords) == "secret");
  CHECK(nearest("sesion", kWords) == "session");
  CHECK(nearest("keygem", kWords) == "keygen");
  CHECK(nearest("table", kWords) == "table");
}

TEST_CASE("what has half of its letters wrong means nothing") {
  CHECK(nearest("x", kWords).empty());
  CHECK(nearest("frobnicate", kWords).empty());
  CHECK(nearest("", kWords).empty());
  CHECK(nearest("tabxx", std::vector<std::string>{"tab"}) == "tab");
  CHECK(nearest("table", {}).empty());
}

TEST_CASE("what is long is no slip") {
  const std::string word(65, 'a');
  CHECK(nearest(word, std::vector<std::string>{word}).empty());
}

TEST_CASE("the question is there only with an answer") {
  CHECK(did_you_mean("tabel", kWords) == "; did you mean table?");
  CHECK(did_you_mean("x", kWords).empty());
}

}  // namespace oskbc::nearest_test
