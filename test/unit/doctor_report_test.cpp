// SPDX-License-Identifier: Apache-2.0
#include "common/doctor_report.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "support/catch.h"
#include "unit/redirect.h"
#include "unit/terminal.h"

namespace oskbc::doctor_report_test {

using core::Status;
using tools::bad;
using tools::doubtful;
using tools::good;
using tools::Mark;
using tools::Report;
using tools::unknown;
using tools::Verdict;

namespace {

Report some_report() {
  Report report;
  report.add("parameters", good("fine"));
  report.add("memory", doubtful("not locked"));
  report.add("module", bad(Status::no_secret, "load it"));
  report.add("keyset", unknown());
  return report;
}

// Sets or unsets a variable of the environment for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    const char* before = std::getenv(name);
    had_ = before != nullptr;
    if (had_) before_ = before;
    set(value);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { set(had_ ? before_.c_str() : nullptr); }

 private:
  void set(const char* value) const {
    if (value != nullptr) {
      ::setenv(name_, value, 1);
    } else {
      ::unsetenv(name_);
    }
  }

  const char* name_;
  bool had_ = false;
  std::string before_;
};

bool wants_colour(int fd, const char* term, const char* no_colour) {
  const Variable term_variable("TERM", term);
  const Variable no_colour_variable("NO_COLOR", no_colour);
  const test::Redirect redirect(STDOUT_FILENO, fd);
  return tools::wants_colour();
}

}  // namespace

TEST_CASE("a report without a failure has status 0") {
  Report report;
  report.add("a", good("x"));
  report.add("b", doubtful("y"));
  report.add("c", unknown());
  CHECK(report.status == 0);
  CHECK(report.findings.size() == 3);
}

TEST_CASE("the first failure decides the status") {
  Report report;
  report.add("a", bad(Status::no_secret, "first"));
  report.add("b", bad(Status::keyset, "second"));
  CHECK(report.status == 4);
  CHECK(report.findings[1].mark == Mark::fail);
}

TEST_CASE("checks are kept in order, and what one throws is its failure") {
  Report report;
  report.check("a", [] { return good("fine"); });
  report.check("b", [] { return bad(Status::keyset, "bad"); });
  report.check("c", []() -> Verdict { core::fail(Status::io, "worse"); });
  report.check("d", [] { return unknown(); });
  CHECK_FALSE(report.failed("a"));
  CHECK(report.failed("b"));
  CHECK(report.failed("c"));
  CHECK_FALSE(report.failed("d"));
  CHECK_FALSE(report.failed("e"));
  REQUIRE(report.findings.size() == 4);
  CHECK(report.status == 7);
  CHECK(report.findings[2].text == "worse");
  CHECK(report.findings[3].mark == Mark::skip);
}

TEST_CASE("each finding is one line: mark, link, text in a column") {
  CHECK(tools::as_lines(some_report(), false) ==
        "ok    parameters  fine\n"
        "warn  memory      not locked\n"
        "FAIL  module      load it\n"
        "skip  keyset\n");
  CHECK(tools::as_lines(Report(), false).empty());
}

TEST_CASE("the column comes after the longest link, be it one without a text") {
  Report report;
  report.add("a", good("text"));
  report.add("longest", unknown());
  CHECK(tools::as_lines(report, false) ==
        "ok    a        text\n"
        "skip  longest\n");
}

TEST_CASE("colours add nothing but colours") {
  std::string lines = tools::as_lines(some_report(), true);
  for (const char* colour : {"\x1b[32m", "\x1b[33m", "\x1b[1;31m", "\x1b[2m"}) {
    CHECK_THAT(lines, Catch::ContainsSubstring(colour));
  }
  for (std::size_t start = 0; (start = lines.find('\x1b')) != std::string::npos;) {
    lines.erase(start, lines.find('m', start) + 1 - start);
  }
  CHECK(lines == tools::as_lines(some_report(), false));
}

TEST_CASE("the JSON has the same findings, and ok only without a failure") {
  const auto failed = nlohmann::json::parse(tools::as_json(some_report()));
  CHECK(failed.at("ok") == false);
  CHECK(failed.at("status") == 4);
  REQUIRE(failed.at("findings").size() == 4);
  CHECK(failed["findings"][2] ==
        nlohmann::json{{"link", "module"}, {"mark", "FAIL"}, {"text", "load it"}});
  CHECK(failed["findings"][3] ==
        nlohmann::json{{"link", "keyset"}, {"mark", "skip"}, {"text", ""}});
  const std::string empty = tools::as_json(Report());
  CHECK(empty.back() == '\n');
  CHECK(nlohmann::json::parse(empty) ==
        nlohmann::json{{"ok", true}, {"status", 0}, {"findings", nlohmann::json::array()}});
}

TEST_CASE("the JSON quotes what a path may hold") {
  Report report;
  report.add("entry", good("\"quoted\" \\ \n \x01"));
  CHECK(nlohmann::json::parse(tools::as_json(report))["findings"][0]["text"] ==
        "\"quoted\" \\ \n \x01");
}

TEST_CASE("a path that is not UTF-8 still gives JSON") {
  Report report;
  report.add("securityfs", bad(Status::no_secret, "not mounted at /tmp/\xff"));
  std::string json;
  REQUIRE_NOTHROW(json = tools::as_json(report));
  CHECK(nlohmann::json::accept(json));
}

TEST_CASE("colour is for terminals that want it") {
  const test::Terminal terminal;
  if (!terminal.exists()) return;
  const core::UniqueFd file(::open("/dev/null", O_WRONLY));
  CHECK(wants_colour(terminal.fd(), "xterm", nullptr));
  CHECK_FALSE(wants_colour(terminal.fd(), "dumb", nullptr));
  CHECK_FALSE(wants_colour(terminal.fd(), nullptr, nullptr));
  CHECK_FALSE(wants_colour(terminal.fd(), "xterm", "1"));
  CHECK_FALSE(wants_colour(file.get(), "xterm", nullptr));
}

}  // namespace oskbc::doctor_report_test
