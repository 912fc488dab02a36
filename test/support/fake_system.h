// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "source/system.h"

namespace oskbc::test {

// The running kernel for files, and a kernel of the test's making for mounting and modules. Any
// call can be made to fail, and all are recorded by name in their order.
class FakeSystem final : public core::System {
 public:
  // What each call does instead, where it is set; a negative number is -errno.
  std::function<int(const std::string& path)> on_open;
  std::function<long()> on_size;
  std::function<long(core::ByteSpan out)> on_read;
  std::function<int()> on_refill;
  std::function<int(const std::string& path)> on_unlink;
  std::function<int()> on_mount;
  std::function<int(const std::vector<std::string>& arguments)> on_run;
  bool mounted = false;
  std::vector<std::string> calls;

  int open_regular(const std::string& path) override {
    calls.emplace_back("open");
    return on_open ? on_open(path) : core::linux_system().open_regular(path);
  }
  long size(int fd) override {
    calls.emplace_back("size");
    return on_size ? on_size() : core::linux_system().size(fd);
  }
  long read(int fd, core::ByteSpan out) override {
    calls.emplace_back("read");
    return on_read ? on_read(out) : core::linux_system().read(fd, out);
  }
  int refill(int fd) override {
    calls.emplace_back("refill");
    return on_refill ? on_refill() : core::linux_system().refill(fd);
  }
  int unlink(const std::string& path) override {
    calls.emplace_back("unlink");
    return on_unlink ? on_unlink(path) : core::linux_system().unlink(path);
  }
  int is_securityfs(const std::string& /*directory*/) override { return mounted ? 1 : 0; }
  int mount_securityfs(const std::string& /*directory*/) override {
    calls.emplace_back("mount");
    const int outcome = on_mount ? on_mount() : 0;
    mounted |= outcome == 0;
    return outcome;
  }
  int run(const std::vector<std::string>& arguments, std::chrono::milliseconds /*limit*/) override {
    std::string call = "modprobe";
    for (std::size_t i = 1; i < arguments.size(); ++i) call += " " + arguments[i];
    calls.push_back(call);
    return on_run ? on_run(arguments) : 1;
  }

  [[nodiscard]] long count(const std::string& call) const {
    return std::count(calls.begin(), calls.end(), call);
  }
};

}  // namespace oskbc::test
