// SPDX-License-Identifier: Apache-2.0
#include "broker/used_launches.h"

#include <algorithm>

#include <boost/filesystem.hpp>

#include "broker/audit.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::used_launches_test {

using broker::released_launches;
using broker::UsedLaunches;
using std::chrono::seconds;

namespace {

constexpr seconds kAge{600};

std::string line(const char* time, const char* decision, int connection) {
  return std::string("{\"time\": \"") + time + "\", \"decision\": \"" + decision +
         "\", \"connection\": " + std::to_string(connection) + "}\n";
}

broker::AuditRecord record(const char* decision, int connection) {
  broker::AuditRecord made;
  made.event = "secret";
  made.decision = decision;
  made.connection = connection;
  return made;
}

}  // namespace

TEST_CASE("a launch is used once, and is forgotten when it could not be open any more") {
  UsedLaunches used(kAge);
  constexpr UsedLaunches::Time kStart{std::chrono::hours(1)};
  CHECK(used.add(7, kStart));
  CHECK_FALSE(used.add(7, kStart + kAge));
  CHECK(used.contains(7));
  CHECK(used.add(8, kStart + kAge + seconds(1)));
  CHECK_FALSE(used.contains(7));
}

TEST_CASE("what an audit has of releases is read, and nothing else") {
  const test::TempFolder folder;
  CHECK(released_launches(folder.path("audit"), kAge).ids.empty());
  {
    broker::Audit audit(folder.path("audit"));
    audit.write(record("released", 7));
    audit.write(record("refused", 8));
    audit.write(record("opened", 9));
  }
  boost::filesystem::rename(folder.path("audit"), folder.path("audit.1"));
  {
    broker::Audit audit(folder.path("audit"));
    audit.write(record("released", 10));
  }
  const std::string text = folder.read("audit");
  folder.write("audit", line("2020-01-01T00:00:00.000Z", "released", 11) + "torn\n" + text);
  auto ids = released_launches(folder.path("audit"), kAge).ids;
  std::ranges::sort(ids);
  CHECK(ids == std::vector<std::int32_t>{7, 10});
}

TEST_CASE("lines that are longer than a block are read, from the end of a large file") {
  const test::TempFolder folder;
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    text += "{\"x\": \"" + std::string(i % 7 == 0 ? 4000 : 40, 'x') + "\"" +
            line("2999-01-01T00:00:00Z", "released", i).replace(0, 1, ", ");
  }
  text += "{\"x\": \"" + std::string(3 << 20, 'x') + "\"" +
          line("2999-01-01T00:00:00Z", "released", 3000).replace(0, 1, ", ");
  folder.write("audit", text);
  const auto ids = released_launches(folder.path("audit"), kAge).ids;
  CHECK(ids.size() == 3001);
  CHECK(ids[0] == 3000);
  CHECK(ids[3000] == 0);
}

TEST_CASE("a rotated file that cannot be read is told") {
  const test::TempFolder folder;
  folder.write("audit", line("2999-01-01T00:00:00Z", "released", 1));
  folder.write("audit.1.gz", std::string(5000, '\x1f'));
  const auto released = released_launches(folder.path("audit"), kAge);
  CHECK(released.ids.size() == 1);
  REQUIRE(released.unreadable.size() == 1);
  CHECK(released.unreadable[0].find("audit.1.gz") != std::string::npos);
}

}  // namespace oskbc::used_launches_test
