// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.h"
#include "source/run_program.h"
#include "source/system.h"

namespace oskbc::core {
namespace {

int result(int returned) { return returned == 0 ? 0 : -errno; }

template <typename Call>
auto retry(Call call) {
  auto returned = call();
  while (returned < 0 && errno == EINTR) returned = call();
  return returned;
}

class LinuxSystem final : public System {
 public:
  int open_regular(const std::string& path) override {
    constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    UniqueFd fd(retry([&] { return ::open(path.c_str(), kFlags); }));
    if (fd.get() < 0) return -errno;
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return -errno;
    if (S_ISDIR(status.st_mode)) return -EISDIR;
    if (!S_ISREG(status.st_mode)) return -ENOTSUP;
    return fd.release();
  }

  long read(int fd, ByteSpan out) override {
    const long count = retry([&] { return ::read(fd, out.data(), out.size()); });
    return count < 0 ? -errno : count;
  }

  int refill(int fd) override {
    char first = 0;
    return retry([&] { return ::pread(fd, &first, sizeof first, 0); }) < 0 ? -errno : 0;
  }

  int unlink(const std::string& path) override { return result(::unlink(path.c_str())); }

  int is_securityfs(const std::string& directory) override {
    struct statfs status {};
    if (retry([&] { return ::statfs(directory.c_str(), &status); }) != 0) return -errno;
    return status.f_type == SECURITYFS_MAGIC ? 1 : 0;
  }

  int mount_securityfs(const std::string& directory) override {
    constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    return result(::mount("securityfs", directory.c_str(), "securityfs", kFlags, nullptr));
  }

  int run(const std::vector<std::string>& arguments, std::chrono::milliseconds limit) override {
    return run_program(arguments, limit);
  }
};

}  // namespace

System& linux_system() {
  static LinuxSystem system;
  return system;
}

}  // namespace oskbc::core
