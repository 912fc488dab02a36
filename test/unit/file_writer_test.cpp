// SPDX-License-Identifier: Apache-2.0
#include "common/file_writer.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/status.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::file_writer_test {

using core::as_bytes;
using core::Status;
using test::status_of;
using test::TempFolder;
using tools::FileMode;
using tools::NewFile;
using tools::write_file;

namespace {

// A full disk, as good as one: no file may grow over this many bytes.
class Limit {
 public:
  explicit Limit(rlim_t size) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{size, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;
  ~Limit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("a secret file is the owner's alone") {
  const TempFolder folder;
  write_file(folder.path("key"), as_bytes("abc"), FileMode::secret, false);
  CHECK(folder.read("key") == "abc");
  CHECK(folder.mode("key") == 0600);
  CHECK(folder.count() == 1);
}

TEST_CASE("a plain file may be read by all, if the umask allows") {
  const TempFolder folder;
  const mode_t old = umask(022);
  write_file(folder.path("a"), {}, FileMode::plain, false);
  umask(027);
  write_file(folder.path("b"), {}, FileMode::plain, false);
  umask(old);
  CHECK(folder.mode("a") == 0644);
  CHECK(folder.mode("b") == 0640);
}

TEST_CASE("nothing is overwritten unless it is asked for") {
  const TempFolder folder;
  folder.write("key", "old");
  const auto write = [&](bool force) {
    write_file(folder.path("key"), as_bytes("new"), FileMode::secret, force);
  };
  CHECK(status_of([&] { write(false); }) == Status::argument);
  CHECK(folder.read("key") == "old");
  CHECK(folder.count() == 1);
  write(true);
  CHECK(folder.read("key") == "new");
  CHECK(folder.mode("key") == 0600);
  CHECK(folder.count() == 1);
}

TEST_CASE("a link is a file that is there, even if it leads nowhere") {
  const TempFolder folder;
  boost::filesystem::create_symlink("nowhere", folder.path("link"));
  const auto write = [&](bool force) {
    write_file(folder.path("link"), as_bytes("new"), FileMode::plain, force);
  };
  CHECK(status_of([&] { write(false); }) == Status::argument);
  write(true);
  CHECK_FALSE(folder.has("nowhere"));
  CHECK(folder.read("link") == "new");
}

TEST_CASE("folders and devices are never replaced") {
  const TempFolder folder;
  boost::filesystem::create_directory(folder.path("sub"));
  REQUIRE(mkfifo(folder.path("fifo").c_str(), 0600) == 0);
  for (const char* name : {"sub", "fifo"}) {
    CHECK(status_of([&] { write_file(folder.path(name), {}, FileMode::plain, true); }) ==
          Status::argument);
  }
  CHECK(folder.count() == 2);
}

TEST_CASE("a file that can't be written whole is not there at all") {
  const TempFolder folder;
  const std::string content(100'000, 'x');
  const Limit limit(1000);
  CHECK(status_of([&] {
          write_file(folder.path("a"), as_bytes(content), FileMode::secret, false);
        }) == Status::io);
  CHECK(folder.count() == 0);
}

TEST_CASE("a file needs a name and a folder that is there") {
  const TempFolder folder;
  const auto write = [](const std::string& path) { write_file(path, {}, FileMode::plain, false); };
  CHECK(status_of([&] { write(folder.path() + "/"); }) == Status::argument);
  CHECK(status_of([&] { write(folder.path("..")); }) == Status::argument);
  CHECK(status_of([&] { write(folder.path("no/file")); }) == Status::io);
  CHECK(folder.count() == 0);
}

TEST_CASE("files that belong together appear all or not at all") {
  const TempFolder folder;
  folder.write("c", "old");
  const std::vector<NewFile> files = {{folder.path("a"), as_bytes("1"), FileMode::secret},
                                      {folder.path("b"), as_bytes("2"), FileMode::plain},
                                      {folder.path("c"), as_bytes("3"), FileMode::plain}};
  CHECK(status_of([&] { tools::write_files(files, false); }) == Status::argument);
  CHECK(folder.count() == 1);
  tools::write_files(files, true);
  CHECK(folder.count() == 3);
  CHECK(folder.read("c") == "3");
}

TEST_CASE("files that were given their names are taken back if another can't have its own") {
  const TempFolder folder;
  // The second is free when it is looked at, and the first takes its name.
  const std::vector<NewFile> files = {{folder.path("a"), as_bytes("1")},
                                      {folder.path("a"), as_bytes("2")}};
  CHECK(status_of([&] { tools::write_files(files, false); }) == Status::argument);
  CHECK(folder.count() == 0);
}

TEST_CASE("of many that write one file at once, one does") {
  const TempFolder folder;
  std::vector<Status> statuses(8, Status::internal);
  std::vector<std::thread> threads;
  for (Status& status : statuses) {
    threads.emplace_back([&folder, &status] {
      try {
        write_file(folder.path("key"), as_bytes("x"), FileMode::secret, false);
        status = Status::ok;
      } catch (const core::Error& error) {
        status = error.status();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(std::count(statuses.begin(), statuses.end(), Status::ok) == 1);
  CHECK(std::count(statuses.begin(), statuses.end(), Status::argument) == 7);
  CHECK(folder.count() == 1);
}

}  // namespace oskbc::file_writer_test
