// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// nlohmann/json, which is older and widely used, as a judge of our reader. Both have to come to the
// same verdict, but for these, all of them intended:
//  - a byte order mark: nlohmann/json skips it, we refuse it;
//  - a NUL between tokens: nlohmann/json takes it for the end of the text, we refuse it;
//  - more than 32 levels: nlohmann/json has no bound;
//  - a number that no double holds: RFC 8259 allows it, nlohmann/json does not.
namespace oskbc::test {

using Members = std::vector<std::pair<std::string, std::string>>;

enum class Verdict { accepted, refused, number_too_large };

struct Judgement {
  Verdict verdict = Verdict::accepted;
  // An object with nothing but strings in it.
  bool flat = true;
  // All names, and the last string after each, in their order.
  Members members;
};

// The verdict has the first three differences worked in.
[[nodiscard]] Judgement judge_json(std::string_view text);

}  // namespace oskbc::test
