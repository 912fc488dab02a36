// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/output.h"

#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::output_test {

using core::Status;
using test::TempFolder;
using tools::OutputDirectory;

TEST_CASE("a folder is made for its user alone, and gets all files at once") {
  const TempFolder folder;
  OutputDirectory directory(folder.path("out") + "//");
  directory.add("a", core::as_bytes("one"));
  directory.add("b", core::as_bytes("two"), tools::FileMode::secret);
  CHECK_FALSE(folder.has("out/a"));
  directory.write(false);
  CHECK(directory.path_of("a") == folder.path("out/a"));
  CHECK(folder.mode("out") == 0700);
  CHECK(folder.read("out/a") == "one");
  CHECK(folder.mode("out/b") == 0600);
}

TEST_CASE("a new folder that nothing came into is taken away again") {
  const TempFolder folder;
  { const OutputDirectory directory(folder.path("out")); }
  CHECK_FALSE(folder.has("out"));
}

TEST_CASE("a folder that was there stays, and so do its files without force") {
  const TempFolder folder;
  folder.write("out/a", "before");
  OutputDirectory directory(folder.path("out"));
  directory.add("a", core::as_bytes("after"));
  directory.add("b", core::as_bytes("new"));
  CHECK(test::failure_of([&] { directory.write(false); }).status != Status::ok);
  CHECK(folder.read("out/a") == "before");
  CHECK_FALSE(folder.has("out/b"));
  directory.write(true);
  CHECK(folder.read("out/a") == "after");
}

TEST_CASE("a folder that cannot be made is told") {
  const TempFolder folder;
  const auto failure =
      test::failure_of([&] { const OutputDirectory directory(folder.path("none/out")); });
  CHECK(failure.status == Status::io);
  CHECK_THAT(failure.text, Catch::ContainsSubstring("none/out"));
}

}  // namespace oskbc::output_test
