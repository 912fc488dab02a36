// SPDX-License-Identifier: Apache-2.0
#include "common/doctor_report.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

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

// Of the texts, which stand below one another.
std::size_t column_of(const Report& report) {
  std::size_t longest = 0;
  for (const Finding& finding : report.findings) longest = std::max(longest, finding.link.size());
  return longest + 2;
}

}  // namespace

void Report::add(std::string link, Mark mark, std::string text) {
  findings.push_back({std::move(link), mark, std::move(text)});
}

void Report::add_failure(std::string link, int failure, std::string text) {
  add(std::move(link), Mark::fail, std::move(text));
  if (status == 0) status = failure;
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
  auto findings = nlohmann::ordered_json::array();
  for (const Finding& finding : report.findings) {
    findings.push_back(
        {{"link", finding.link}, {"mark", style_of(finding.mark).name}, {"text", finding.text}});
  }
  const nlohmann::ordered_json object = {
      {"ok", report.status == 0}, {"status", report.status}, {"findings", findings}};
  // A path need not be UTF-8.
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  return object.dump(2, ' ', /*ensure_ascii=*/false, kReplace) + "\n";
}

bool wants_colour() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

}  // namespace oskbc::tools
