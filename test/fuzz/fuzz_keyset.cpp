// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "base/status.h"
#include "format/keyset.h"
#include "fuzz/fuzz_common.h"
#include "support/json_oracle.h"
#include "support/naive_base64.h"

namespace oskbc::fuzz {
namespace {

using core::Keyset;
using Entries = std::map<std::string, core::Bytes>;

// Injectors pad.
std::string_view without_padding(std::string_view text) {
  return text.substr(0, text.find_last_not_of(std::string_view(" \t\n\r\0", 5)) + 1);
}

// What a keyset's text means by nlohmann/json; nothing for what is none.
std::optional<Entries> expected_entries(std::string_view text) {
  const test::Judgement judgement = test::judge_json(without_padding(text));
  if (judgement.verdict != test::Verdict::accepted || !judgement.flat) return std::nullopt;
  Entries entries;
  for (const auto& [id, value] : judgement.members) {
    const auto bytes = test::naive_base64(value);
    if (!bytes || id.find('\0') != std::string::npos) return std::nullopt;
    if (!entries.emplace(id, *bytes).second) return std::nullopt;
  }
  return entries;
}

void check_entries(const Keyset& keyset, const Entries& expected) {
  require(keyset.size() == expected.size(), "as many entries as nlohmann/json has members");
  std::size_t index = 0;
  for (const auto& [id, value] : expected) {
    require(keyset.id(index) == id, "the ids are sorted by their bytes");
    require(std::ranges::equal(keyset.expose_value(index), value), "each id has its value");
    const Keyset::Entry* found = keyset.find(id);
    require(found != nullptr && keyset.id(*found) == id, "each id is found");
    ++index;
  }
}

void fuzz_keyset(ByteView bytes) {
  const std::string_view text = core::as_text(bytes);
  const auto expected = expected_entries(text);
  const core::Status status = status_of([&] {
    const Keyset keyset = Keyset::parse(text);
    require(expected.has_value(), "what nlohmann/json refuses is no keyset");
    check_entries(keyset, *expected);
  });
  require(status == (expected ? core::Status::ok : core::Status::keyset),
          "what nlohmann/json reads as flat and canonical is a keyset");
}

const Target keyset_target("keyset", fuzz_keyset);

}  // namespace
}  // namespace oskbc::fuzz
