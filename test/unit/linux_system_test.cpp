// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "base/unique_fd.h"
#include "source/system.h"
#include "support/catch.h"
#include "support/temp_tree.h"

using namespace oskbc;
using test::TempTree;

namespace {

int open_regular(const std::string& path) { return core::linux_system().open_regular(path); }

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

TEST_CASE("a refill reads the file's start and leaves the place of the next read") {
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
