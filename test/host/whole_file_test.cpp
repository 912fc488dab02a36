// SPDX-License-Identifier: Apache-2.0
#include "host/whole_file.h"

#include <sys/stat.h>

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::whole_file_test {

using core::Status;

namespace {

Status status_of(const std::string& file, std::size_t limit) {
  return test::status_of([&] { static_cast<void>(host::read_whole_file(file, limit)); });
}

}  // namespace

TEST_CASE("a file is read whole, up to the limit") {
  const test::TempFolder folder;
  const std::string content(300'000, 'x');
  const std::string file = folder.write("f", content);
  CHECK(core::as_text(host::read_whole_file(file, content.size())) == content);
  CHECK(status_of(file, content.size() - 1) == Status::argument);
  CHECK(host::read_whole_file(folder.write("empty", ""), 0).empty());
}

TEST_CASE("what is no regular file is refused without waiting for it") {
  const test::TempFolder folder;
  CHECK(status_of(folder.path("none"), 1) == Status::io);
  CHECK(status_of(folder.path(), 1) == Status::io);
  REQUIRE(::mkfifo(folder.path("fifo").c_str(), 0600) == 0);
  CHECK(status_of(folder.path("fifo"), 1) == Status::io);
  CHECK(status_of("/dev/zero", 1) == Status::io);
}

}  // namespace oskbc::whole_file_test
