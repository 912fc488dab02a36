// SPDX-License-Identifier: Apache-2.0
#include "source/system.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/unique_fd.h"
#include "support/catch.h"
#include "support/temp_tree.h"

namespace oskbc::system_test {

using namespace std::chrono_literals;
using test::TempTree;

namespace {

int open_regular(const std::string& path) { return core::linux_system().open_regular(path); }

constexpr auto kLong = 30s;

std::string script(const TempTree& tree, const std::string& lines) {
  const std::string path = tree.write("script", "#!/bin/sh\n" + lines + "\n");
  REQUIRE(chmod(path.c_str(), 0700) == 0);
  return path;
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Gone, or a zombie that whoever adopted it has not waited for yet.
bool has_ended(int process) {
  const std::string status = content("/proc/" + std::to_string(process) + "/stat");
  return status.empty() || status.find(") Z ") != std::string::npos;
}

bool ends_within(std::chrono::seconds limit, int process) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!has_ended(process)) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

}  // namespace

TEST_CASE("a regular file opens, read-only and closed on exec") {
  const TempTree tree;
  const core::UniqueFd fd(open_regular(tree.write("file", "content")));
  REQUIRE(fd.get() >= 0);
  CHECK((fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK((fcntl(fd.get(), F_GETFL) & O_ACCMODE) == O_RDONLY);
  std::array<std::uint8_t, 16> out{};
  CHECK(core::linux_system().read(fd.get(), out) == 7);
  CHECK(core::linux_system().read(fd.get(), out) == 0);
}

TEST_CASE("a refill reads the file's start and leaves the position of the next read") {
  const TempTree tree;
  const core::UniqueFd fd(open_regular(tree.write("file", "content")));
  std::array<std::uint8_t, 4> out{};
  REQUIRE(core::linux_system().read(fd.get(), out) == 4);
  CHECK(core::linux_system().refill(fd.get()) == 0);
  CHECK(core::linux_system().read(fd.get(), out) == 3);
}

TEST_CASE("what is no regular file has an error of its own, at once") {
  const TempTree tree;
  CHECK(open_regular(tree.path("missing")) == -ENOENT);
  CHECK(open_regular(tree.write("file", "") + "/below") == -ENOTDIR);
  CHECK(open_regular(tree.make_folder("folder")) == -EISDIR);
  boost::filesystem::create_symlink(tree.path("file"), tree.path("link"));
  CHECK(open_regular(tree.path("link")) == -ELOOP);
  REQUIRE(mkfifo(tree.path("fifo").c_str(), 0600) == 0);
  CHECK(open_regular(tree.path("fifo")) == -ENOTSUP);
  CHECK(open_regular("/dev/zero") == -ENOTSUP);
}

TEST_CASE("failures of the kernel come back as errno") {
  const TempTree tree;
  std::array<std::uint8_t, 1> out{};
  CHECK(core::linux_system().read(-1, out) == -EBADF);
  CHECK(core::linux_system().refill(-1) == -EBADF);
  CHECK(core::linux_system().unlink(tree.path("missing")) == -ENOENT);
  CHECK(core::linux_system().is_securityfs(tree.path("missing")) == -ENOENT);
  CHECK(core::linux_system().mount_securityfs(tree.path("missing")) < 0);
}

TEST_CASE("another file system is not securityfs") {
  const TempTree tree;
  CHECK(core::linux_system().is_securityfs(tree.path()) == 0);
}

TEST_CASE("unlinking removes the file") {
  const TempTree tree;
  CHECK(core::linux_system().unlink(tree.write("file", "")) == 0);
  CHECK_FALSE(tree.has("file"));
}

TEST_CASE("the exit status of the program comes back") {
  const TempTree tree;
  CHECK(core::run_program({script(tree, "exit 0")}, kLong) == 0);
  CHECK(core::run_program({script(tree, "exit 7")}, kLong) == 7);
}

TEST_CASE("arguments arrive as they are, without a shell between") {
  const TempTree tree;
  const std::string out = tree.path("out");
  const std::string program = script(tree, "printf '%s|' \"$@\" > " + out);
  CHECK(core::run_program({program, "a b", "$HOME", "*", ""}, kLong) == 0);
  CHECK(content(out) == "a b|$HOME|*||");
}

TEST_CASE("nothing of the caller's environment is handed on") {
  const TempTree tree;
  const std::string out = tree.path("out");
  setenv("OSKBC_TEST_MARKER", "there", 1);
  CHECK(core::run_program({script(tree, "echo \"[$OSKBC_TEST_MARKER]\" > " + out)}, kLong) == 0);
  unsetenv("OSKBC_TEST_MARKER");
  CHECK(content(out) == "[]\n");
}

TEST_CASE("the program's input is empty and its output goes nowhere") {
  const TempTree tree;
  CHECK(core::run_program({script(tree, "echo out; echo err >&2; read line; exit 3")}, kLong) == 3);
}

TEST_CASE("a program that can't be started tells why") {
  const TempTree tree;
  CHECK(core::run_program({tree.path("missing")}, kLong) == -ENOENT);
  CHECK(core::run_program({tree.write("not-executable", "")}, kLong) == -EACCES);
}

TEST_CASE("a program that hangs is ended with all that it started") {
  const TempTree tree;
  const auto start = std::chrono::steady_clock::now();
  CHECK(core::run_program({script(tree, "sleep 60 & echo $! > " + tree.path("pid") + "; wait")},
                          3s) == -ETIMEDOUT);
  CHECK(std::chrono::steady_clock::now() - start < kLong);
  const int grandchild = std::atoi(content(tree.path("pid")).c_str());
  REQUIRE(grandchild > 0);
  CHECK(ends_within(kLong, grandchild));
}

TEST_CASE("a program that a signal ends has no exit status") {
  const TempTree tree;
  CHECK(core::run_program({script(tree, "kill -9 $$")}, kLong) == -EINTR);
}

TEST_CASE("a caller that ignores SIGCHLD leaves no status, and nothing hangs") {
  const TempTree tree;
  auto* before = std::signal(SIGCHLD, SIG_IGN);
  const int outcome = core::run_program({script(tree, "exit 0")}, kLong);
  std::signal(SIGCHLD, before);
  CHECK(outcome == -ECHILD);
}

}  // namespace oskbc::system_test
