// SPDX-License-Identifier: Apache-2.0
#include "common/file_trust.h"

#include <sys/stat.h>

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::file_trust_test {

using core::Status;
using test::failure_of;
using tools::check_mode;
using tools::Holds;

namespace {

std::string file_with_mode(const test::TempFolder& folder, mode_t mode) {
  const std::string file = folder.write("file", std::string_view("{}"));
  REQUIRE(::chmod(file.c_str(), mode) == 0);
  return file;
}

}  // namespace

TEST_CASE("a file that others may write to is refused, unless that is allowed") {
  const test::TempFolder folder;
  for (const mode_t mode : {0620U, 0602U, 0666U, 0664U}) {
    const std::string file = file_with_mode(folder, mode);
    for (const Holds holds : {Holds::keys, Holds::decisions}) {
      CHECK(failure_of([&] { static_cast<void>(check_mode(file, holds, false)); }).status ==
            Status::argument);
      CHECK(check_mode(file, holds, true).find("others may write to it") != std::string::npos);
    }
  }
}

TEST_CASE("keys that others may read are warned of, conditions are for everybody") {
  const test::TempFolder folder;
  const std::string file = file_with_mode(folder, 0644);
  CHECK(check_mode(file, Holds::keys, false).find("others may read the keys") != std::string::npos);
  CHECK(check_mode(file, Holds::decisions, false).empty());
  CHECK(check_mode(file_with_mode(folder, 0600), Holds::keys, false).empty());
  CHECK(check_mode(file_with_mode(folder, 0640), Holds::keys, false).empty());
}

TEST_CASE("what has no mode of its own is not looked at") {
  const test::TempFolder folder;
  for (const std::string& file :
       {std::string("-"), folder.path("none"), std::string("/dev/null")}) {
    CHECK(check_mode(file, Holds::keys, false).empty());
  }
}

TEST_CASE("proc is not in memory, and a folder that is not there is an error") {
  CHECK_FALSE(tools::is_in_memory("/proc/x"));
  CHECK(test::status_of([] { (void)tools::is_in_memory("/none/x"); }) == Status::io);
}

}  // namespace oskbc::file_trust_test
