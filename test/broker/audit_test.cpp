// SPDX-License-Identifier: Apache-2.0
#include "broker/audit.h"

#include <string>
#include <thread>
#include <vector>

#include <boost/filesystem.hpp>
#include <nlohmann/json.hpp>

#include "base/status.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::audit_test {

using broker::Audit;
using broker::AuditRecord;
using nlohmann::json;

namespace {

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    REQUIRE(end != std::string::npos);
    lines.push_back(json::parse(text.substr(from, end - from)));
    from = end + 1;
  }
  return lines;
}

AuditRecord refused(const std::string& keyset) {
  AuditRecord record;
  record.event = "secret";
  record.decision = "refused";
  record.keyset = keyset;
  return record;
}

}  // namespace

TEST_CASE("a decision is a line, with its time and what is known") {
  const test::TempFolder folder;
  Audit audit(folder.path("audit"));
  AuditRecord record = refused("K");
  record.reason = "why";
  record.connection = 7;
  audit.write(record);
  const auto lines = lines_of(folder.read("audit"));
  REQUIRE(lines.size() == 1);
  const std::string time = lines[0]["time"];
  CHECK(time.size() == std::string("2026-01-01T00:00:00.000Z").size());
  CHECK(time.back() == 'Z');
  json rest = lines[0];
  rest.erase("time");
  CHECK(rest == json{{"event", "secret"},
                     {"decision", "refused"},
                     {"reason", "why"},
                     {"connection", 7},
                     {"keyset", "K"}});
}

TEST_CASE("a client's text makes neither a line of its own nor a long one") {
  const test::TempFolder folder;
  Audit audit(folder.path("audit"));
  audit.write(refused("a\n{\"decision\": \"released\"}\n\x1b[2J\xff"));
  audit.write(refused(std::string(100000, 'k')));
  const std::string text = folder.read("audit");
  CHECK(lines_of(text).size() == 2);
  CHECK(text.size() < 1000);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("lines of many threads stay whole") {
  const test::TempFolder folder;
  Audit audit(folder.path("audit"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) audit.write(refused(std::string(200, 'k')));
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(lines_of(folder.read("audit")).size() == 400);
}

TEST_CASE("opened anew, it goes on in a new file once the old one was moved") {
  const test::TempFolder folder;
  Audit audit(folder.path("audit"));
  audit.write(refused("first"));
  boost::filesystem::rename(folder.path("audit"), folder.path("old"));
  audit.write(refused("second"));
  audit.reopen();
  audit.write(refused("third"));
  CHECK(lines_of(folder.read("old")).size() == 2);
  CHECK(lines_of(folder.read("audit"))[0]["keyset"] == "third");
}

TEST_CASE("an audit that cannot be written fails") {
  const test::TempFolder folder;
  CHECK(test::status_of([&] { Audit audit(folder.path("none/audit")); }) == core::Status::io);
  Audit full("/dev/full");
  CHECK(test::status_of([&] { full.write(refused("K")); }) == core::Status::io);
}

}  // namespace oskbc::audit_test
