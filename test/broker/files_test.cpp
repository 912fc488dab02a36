// SPDX-License-Identifier: Apache-2.0
#include "broker/files.h"

#include <sys/stat.h>

#include "base/status.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::files_test {

using core::Status;

namespace {

Status make(const std::string& file) {
  return test::status_of([&] { broker::make_private_file(file); });
}

Status read(const std::string& file) {
  return test::status_of([&] { static_cast<void>(broker::read_private_file(file, 10)); });
}

}  // namespace

TEST_CASE("a private file is made with mode 0600, and left as it is when it is there") {
  const test::TempFolder folder;
  const std::string file = folder.path("file");
  CHECK(make(file) == Status::ok);
  CHECK(folder.mode("file") == 0600);
  folder.write("file", std::string_view("content"));
  CHECK(make(file) == Status::ok);
  CHECK(folder.read("file") == "content");
  CHECK(broker::read_private_file(file, 10).expose_text() == "content");
}

TEST_CASE("what others may read or write is refused") {
  const test::TempFolder folder;
  const std::string file = folder.write("file", std::string_view("content"));
  for (const unsigned mode : {0640U, 0604U, 0620U, 0602U, 0610U}) {
    ::chmod(file.c_str(), mode);
    CHECK(make(file) == Status::argument);
    CHECK(read(file) == Status::argument);
  }
  ::chmod(file.c_str(), 0400);
  CHECK(read(file) == Status::ok);
}

TEST_CASE("what is no file is refused, and nothing hangs on it") {
  const test::TempFolder folder;
  const std::string pipe = folder.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(make(pipe) == Status::argument);
  CHECK(read(pipe) == Status::argument);
  CHECK(make(folder.path()) == Status::io);
  CHECK(make(folder.path("none/file")) == Status::io);
  CHECK(read(folder.path("none")) == Status::io);
}

TEST_CASE("a file over the limit is refused") {
  const test::TempFolder folder;
  const std::string file = folder.write("file", std::string_view("more than ten"));
  ::chmod(file.c_str(), 0600);
  CHECK(read(file) == Status::argument);
}

}  // namespace oskbc::files_test
