// SPDX-License-Identifier: Apache-2.0
#include "common/doctor_report.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "common/error.h"
#include "common/json.h"

namespace oskbc::tools {
namespace {

struct Style {
  std::string_view name;
  std::string_view padded;
  std::string_view colour;
};

// Words, because an initrd's serial console may have nothing but ASCII.
constexpr Style style_of(Mark mark) {
  switch (mark) {
    case Mark::ok:
      return {"ok", "ok  ", "\x1b[32m"};
    case Mark::warn:
      return {"warn", "warn", "\x1b[33m"};
    case Mark::fail:
      return {"FAIL", "FAIL", "\x1b[1;31m"};
    case Mark::skip:
      break;
  }
  return {"skip", "skip", "\x1b[2m"};
}

// Where the texts start, one below the other.
std::size_t column_of(const Report& report) {
  std::size_t longest = 0;
  for (const Finding& finding : report.findings) longest = std::max(longest, finding.link.size());
  return longest + 2;
}

}  // namespace

Verdict good(std::string text) { return {Mark::ok, std::move(text)}; }
Verdict doubtful(std::string text) { return {Mark::warn, std::move(text)}; }
Verdict bad(core::Status status, std::string text) { return {Mark::fail, std::move(text), status}; }
Verdict unknown(std::string text) { return {Mark::skip, std::move(text)}; }

void Report::add(std::string link, Verdict verdict) {
  findings.push_back({std::move(link), verdict.mark, std::move(verdict.text)});
  if (verdict.mark == Mark::fail && status == 0) status = static_cast<int>(verdict.status);
}

void Report::check(std::string link, const std::function<Verdict()>& run) {
  Verdict verdict = unknown();
  try {
    verdict = run();
  } catch (const core::Error& error) {
    verdict = bad(error.status(), error.what());
  } catch (const Refused& refused) {
    findings.push_back({std::move(link), Mark::fail, refused.what()});
    if (status == 0) status = kExitRefused;
    return;
  }
  add(std::move(link), std::move(verdict));
}

bool Report::failed(std::string_view link) const {
  return std::ranges::any_of(findings, [&](const Finding& finding) {
    return finding.link == link && finding.mark == Mark::fail;
  });
}

std::string as_lines(const Report& report, bool colour) {
  const std::size_t column = column_of(report);
  std::string lines;
  for (const Finding& finding : report.findings) {
    const Style style = style_of(finding.mark);
    if (colour) lines += style.colour;
    lines += style.padded;
    if (colour) lines += "\x1b[0m";
    lines += "  " + finding.link;
    if (!finding.text.empty()) {
      lines.append(column - finding.link.size(), ' ');
      lines += finding.text;
    }
    lines += '\n';
  }
  return lines;
}

std::string as_json(const Report& report) {
  Json findings = Json::array();
  for (const Finding& finding : report.findings) {
    findings.append(Json::object(
        {{"link", finding.link}, {"mark", style_of(finding.mark).name}, {"text", finding.text}}));
  }
  return Json::object(
             {{"ok", report.status == 0}, {"status", report.status}, {"findings", findings}})
      .document();
}

bool wants_colour() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

}  // namespace oskbc::tools
