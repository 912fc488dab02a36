// SPDX-License-Identifier: Apache-2.0
#include "base/status.h"
#include "fuzz/fuzz_common.h"
#include "support/json_oracle.h"
#include "support/json_walk.h"

namespace oskbc::fuzz {
namespace {

void fuzz_json(ByteView bytes) {
  const std::string_view text = core::as_text(bytes);
  const test::Judgement expected = test::judge_json(text);
  if (expected.verdict == test::Verdict::number_too_large) return;
  const core::Status status = status_of([text] { test::walk_json(text); });
  require(status == core::Status::ok || status == core::Status::packet,
          "the status is the caller's");
  const bool accepted = expected.verdict == test::Verdict::accepted;
  require((status == core::Status::ok) == accepted, "nlohmann/json comes to the same verdict");
  if (!accepted || !expected.flat) return;
  require(test::read_members(text) == expected.members, "names and strings are nlohmann/json's");
}

const Target json_target("json", fuzz_json);

}  // namespace
}  // namespace oskbc::fuzz
