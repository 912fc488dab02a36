// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/inputs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"
#include "unit/redirect.h"

namespace oskbc::inputs_test {

using core::Status;
using test::TempFolder;

namespace {

std::string with_mode(const TempFolder& folder, mode_t mode) {
  const std::string file = folder.write("keys", "{}");
  REQUIRE(::chmod(file.c_str(), mode) == 0);
  return file;
}

// What is said while the keys are read.
std::string warning_of(const std::string& file, bool allow_loose_modes) {
  std::size_t size = 0;
  const std::string said = test::output_of(
      STDERR_FILENO, [&] { size = tools::read_keys(file, allow_loose_modes).size(); });
  CHECK(size == 2);
  return said;
}

}  // namespace

TEST_CASE("keys for their owner alone are read without a word") {
  const TempFolder folder;
  CHECK(warning_of(with_mode(folder, 0600), false).empty());
}

TEST_CASE("keys that others may read are read with a warning") {
  const TempFolder folder;
  const std::string said = warning_of(with_mode(folder, 0644), false);
  CHECK_THAT(said, Catch::StartsWith("sev-guest-owner: warning: " + folder.path("keys")));
  CHECK_THAT(said, Catch::ContainsSubstring("0644"));
}

TEST_CASE("keys that others may write are refused, unless that is allowed") {
  const TempFolder folder;
  for (const mode_t mode : {0620U, 0602U, 0666U}) {
    const std::string file = with_mode(folder, mode);
    const auto failure =
        test::failure_of([&] { static_cast<void>(tools::read_keys(file, false)); });
    CHECK(failure.status == Status::argument);
    CHECK_THAT(failure.text, Catch::ContainsSubstring(file));
    CHECK_THAT(warning_of(file, true), Catch::StartsWith("sev-guest-owner: warning: "));
  }
}

TEST_CASE("conditions that others may write are refused before they are read") {
  const TempFolder folder;
  const std::string file = with_mode(folder, 0602);
  CHECK(test::status_of([&] { static_cast<void>(tools::read_keyset(file, "ID", false)); }) ==
        Status::argument);
}

TEST_CASE("a keys file that is not there is told as such") {
  const TempFolder folder;
  const auto failure =
      test::failure_of([&] { static_cast<void>(tools::read_keys(folder.path("none"), false)); });
  CHECK(failure.status == Status::io);
  CHECK_THAT(failure.text, Catch::ContainsSubstring("none"));
}

}  // namespace oskbc::inputs_test
