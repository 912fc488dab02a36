// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace oskbc::tools {

// ok: the link holds. warn: an unwrap works without it. fail: it does not. skip: nothing can be
// said, because an earlier link is missing.
enum class Mark { ok, warn, fail, skip };

struct Finding {
  std::string link;
  Mark mark;
  std::string text;
};

// What a doctor found, in the order of the chain, and the status that its program exits with.
struct Report {
  std::vector<Finding> findings;
  int status = 0;

  void add(std::string link, Mark mark, std::string text = {});
  // The first failure decides the status.
  void add_failure(std::string link, int failure, std::string text);
};

// A line each; `colour` is for terminals, and the text says the same without it.
[[nodiscard]] std::string as_lines(const Report& report, bool colour);
[[nodiscard]] std::string as_json(const Report& report);
// Whether standard output is a terminal that wants colour (NO_COLOR and TERM=dumb don't).
[[nodiscard]] bool wants_colour();

}  // namespace oskbc::tools
