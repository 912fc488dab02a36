// SPDX-License-Identifier: Apache-2.0
#include "broker/audit.h"

#include <sys/resource.h>

#include <csignal>
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
using broker::RefusalSums;
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

AuditRecord decided(const char* decision, const std::string& client) {
  AuditRecord record;
  record.event = "secret";
  record.decision = decision;
  record.client = client;
  return record;
}

// No file of this process may become larger, as on a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(std::size_t size) : ignored_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit full{size, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &full) == 0);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, ignored_);
  }

 private:
  void (*ignored_)(int);
  rlimit before_{};
};

RefusalSums::Limits short_limits() {
  RefusalSums::Limits limits;
  limits.period = std::chrono::milliseconds(100);
  limits.lines_per_client = 3;
  return limits;
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
  RefusalSums::Limits all;
  all.lines_per_client = 1000;
  Audit audit(folder.path("audit"), all);
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

TEST_CASE("what a full disk took of a line is taken back, and the next one is whole") {
  const test::TempFolder folder;
  Audit audit(folder.path("audit"));
  audit.write(decided("released", "first"));
  const std::size_t size = folder.read("audit").size();
  for (const std::size_t more : {std::size_t{0}, std::size_t{1}, size - 2}) {
    const FullDisk full(size + more);
    CHECK(test::status_of([&] { audit.write(decided("released", "torn")); }) == core::Status::io);
    CHECK(folder.read("audit").size() == size);
  }
  audit.write(decided("released", "second"));
  const auto lines = lines_of(folder.read("audit"));
  REQUIRE(lines.size() == 2);
  CHECK(lines[1]["client"].get<std::string>() == "second");
}

TEST_CASE("a line that a power cut tore is a record of its own when the audit is opened") {
  const test::TempFolder folder;
  const std::string whole = "{\"time\": \"then\"}\n";
  const bool anew = GENERATE(false, true);
  folder.write("audit", anew ? whole : whole + "{\"time\": \"no");
  Audit audit(folder.path("audit"));
  if (anew) {
    folder.write("audit", whole + "{\"time\": \"no");
    audit.reopen();
  }
  audit.write(refused("K"));
  const auto lines = lines_of(folder.read("audit"));
  REQUIRE(lines.size() == 3);
  CHECK(lines[1]["decision"].get<std::string>() == "torn");
  CHECK(lines[1]["reason"].get<std::string>() == "{\"time\": \"no");
}

TEST_CASE("refusals of one client over and over are summed up, and what is granted never is") {
  const test::TempFolder folder;
  {
    Audit audit(folder.path("audit"), short_limits());
    for (int port = 0; port < 50; ++port) {
      audit.write(decided("refused", "ipv4:192.0.2.1:" + std::to_string(port)));
      audit.write(decided("released", "ipv4:192.0.2.1:" + std::to_string(port)));
    }
    audit.write(decided("refused", "ipv4:192.0.2.2:7"));
  }
  int refused = 0;
  int released = 0;
  std::size_t counted = 0;
  for (const json& line : lines_of(folder.read("audit"))) {
    if (line["decision"].get<std::string>() == "released") {
      ++released;
    } else if (line.contains("count")) {
      CHECK(line["client"].get<std::string>() == "ipv4:192.0.2.1");
      counted += line["count"].get<std::size_t>();
    } else {
      ++refused;
    }
  }
  CHECK(released == 50);
  CHECK(refused >= 4);
  CHECK(static_cast<std::size_t>(refused) + counted == 51);
}

TEST_CASE("a sum is written when its period ends, whether somebody asks or not") {
  const test::TempFolder folder;
  Audit audit(folder.path("audit"), short_limits());
  for (int i = 0; i < 10; ++i) audit.write(decided("refused", "unix:"));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (folder.read("audit").find("count") == std::string::npos) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(lines_of(folder.read("audit")).size() >= 4);
}

}  // namespace oskbc::audit_test
