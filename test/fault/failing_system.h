// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fault/fault.h"
#include "source/system.h"

namespace oskbc::fault {

// The running kernel, of whose calls an Injection of Kind::seam fails one.
class FailingSystem final : public core::System {
 public:
  int open_regular(const std::string& path) override {
    return fails("open") ? -errno : core::linux_system().open_regular(path);
  }
  long size(int fd) override { return fails("size") ? -errno : core::linux_system().size(fd); }
  long read(int fd, core::ByteSpan out) override {
    return fails("read") ? -errno : core::linux_system().read(fd, out);
  }
  int refill(int fd) override { return fails("refill") ? -errno : core::linux_system().refill(fd); }
  int unlink(const std::string& path) override {
    return fails("unlink") ? -errno : core::linux_system().unlink(path);
  }
  int is_securityfs(const std::string& directory) override {
    return fails("is_securityfs") ? -errno : core::linux_system().is_securityfs(directory);
  }
  int mount_securityfs(const std::string& directory) override {
    return fails("mount") ? -errno : core::linux_system().mount_securityfs(directory);
  }
  int run(const std::vector<std::string>& arguments, std::chrono::milliseconds limit) override {
    return fails("run") ? -errno : core::linux_system().run(arguments, limit);
  }

 private:
  static bool fails(const char* call) { return fails_with_errno(Kind::seam, call); }
};

}  // namespace oskbc::fault
