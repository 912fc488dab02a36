// SPDX-License-Identifier: Apache-2.0
// The blocks against the plain way.
#include "format/base64_blocks.h"

#include <algorithm>
#include <random>
#include <string>

#include "format/base64.h"
#include "support/catch.h"

namespace oskbc::base64_blocks_test {

using core::Bytes;
namespace base64 = core::base64;

namespace {

std::string random_base64(std::mt19937& random, std::size_t size) {
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return base64::encode(bytes);
}

struct Outcome {
  bool good;
  Bytes bytes;  // none where the text is refused
  bool operator==(const Outcome&) const = default;
};

template <typename Decode>
Outcome outcome_of(Decode decode, std::string_view text) {
  Outcome outcome{true, Bytes(*base64::decoded_size(text))};
  outcome.good = decode(text, outcome.bytes);
  if (!outcome.good) outcome.bytes.clear();
  return outcome;
}

bool both_ways_agree(std::string_view text) {
  return outcome_of(base64::decode_blocks, text) == outcome_of(base64::decode_plainly, text);
}

}  // namespace

TEST_CASE("blocks come to what the plain way comes to, at every length") {
  std::mt19937 random(16);
  for (std::size_t size = 10; size <= 200; ++size) {
    const std::string text = random_base64(random, size);
    INFO(text);
    CHECK(outcome_of(base64::decode_blocks, text).good);
    CHECK(both_ways_agree(text));
  }
}

TEST_CASE("blocks refuse what the plain way refuses, at every position of a text") {
  std::mt19937 random(17);
  int differing = 0;
  for (const std::size_t size : {10U, 11U, 12U, 13U, 24U, 31U, 32U, 33U, 47U}) {
    const std::string whole = random_base64(random, size);
    const std::size_t characters = whole.size() - base64::padding(whole);
    for (std::size_t i = 0; i < characters; ++i) {
      for (int value = 0; value < 256; ++value) {
        std::string text = whole;
        text[i] = static_cast<char>(value);
        if (!both_ways_agree(text)) ++differing;
      }
    }
  }
  CHECK(differing == 0);
}

TEST_CASE("blocks may be decoded over their own text, as a keyset is") {
  std::mt19937 random(18);
  for (const std::size_t size : {12U, 31U, 32U, 33U, 100U}) {
    const std::string text = random_base64(random, size);
    Bytes over(text.begin(), text.end());
    const std::string_view same = core::as_text(over);
    CHECK(base64::decode_blocks(same, core::ByteSpan(over).first(size)));
    over.resize(size);
    CHECK(over == *base64::decode(text));
  }
}

}  // namespace oskbc::base64_blocks_test
