// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

// What the doctors have in common: checks of a chain, link by link, and the report on them.
namespace oskbc::tools {

// ok: the link holds. warn: an unwrap works without it. fail: it does not. skip: nothing can be
// said, because an earlier link is missing.
enum class Mark { ok, warn, fail, skip };

// What a check found; the status counts for a failure alone.
struct Verdict {
  Mark mark;
  std::string text;
  core::Status status = core::Status::ok;
};

[[nodiscard]] Verdict good(std::string text);
[[nodiscard]] Verdict doubtful(std::string text);
[[nodiscard]] Verdict bad(core::Status status, std::string text);
[[nodiscard]] Verdict unknown(std::string text = {});

struct Finding {
  std::string link;
  Mark mark;
  std::string text;
};

// What a doctor found, in the order of the chain, and the status that its program exits with.
struct Report {
  std::vector<Finding> findings;
  int status = 0;

  // The first failure decides the status.
  void add(std::string link, Verdict verdict);
  // Runs one check; an Error or Refused that it throws is a failure.
  void check(std::string link, const std::function<Verdict()>& run);

  // Whether an earlier check of this link failed.
  [[nodiscard]] bool failed(std::string_view link) const;
};

// A line each; `colour` is for terminals, and the text says the same without it.
[[nodiscard]] std::string as_lines(const Report& report, bool colour);
[[nodiscard]] std::string as_json(const Report& report);
// Whether standard output is a terminal that wants colour (NO_COLOR and TERM=dumb don't).
[[nodiscard]] bool wants_colour();

}  // namespace oskbc::tools
