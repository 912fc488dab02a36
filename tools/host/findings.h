// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "common/doctor_report.h"

namespace oskbc::host {

// What a check found; the status counts for a failure alone.
struct Verdict {
  tools::Mark mark;
  std::string text;
  core::Status status = core::Status::ok;
};

[[nodiscard]] inline Verdict good(std::string text) { return {tools::Mark::ok, std::move(text)}; }
[[nodiscard]] inline Verdict doubtful(std::string text) {
  return {tools::Mark::warn, std::move(text)};
}
[[nodiscard]] inline Verdict bad(core::Status status, std::string text) {
  return {tools::Mark::fail, std::move(text), status};
}
[[nodiscard]] inline Verdict unknown(std::string text = {}) {
  return {tools::Mark::skip, std::move(text)};
}

// Collects what the checks found.
class Findings {
 public:
  // Runs one check; an Error that it throws is a failure.
  template <typename Check>
  void check(const char* link, Check check) {
    try {
      add(link, check());
    } catch (const core::Error& error) {
      add(link, bad(error.status(), error.what()));
    }
  }

  // Whether a check before was not passed.
  [[nodiscard]] bool failed(std::string_view link) const {
    for (const tools::Finding& finding : report_.findings) {
      if (finding.link == link) return finding.mark == tools::Mark::fail;
    }
    return false;
  }

  [[nodiscard]] tools::Report take() { return std::move(report_); }

 private:
  void add(const char* link, Verdict verdict) {
    if (verdict.mark == tools::Mark::fail) {
      report_.add_failure(link, static_cast<int>(verdict.status), std::move(verdict.text));
    } else {
      report_.add(link, verdict.mark, std::move(verdict.text));
    }
  }

  tools::Report report_;
};

}  // namespace oskbc::host
