// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace oskbc::core {

// What the library asks of the kernel to get at the secret: the seam where tests inject failures.
// As with system calls, a negative number is -errno.
class System {
 public:
  System() = default;
  System(const System&) = delete;
  System& operator=(const System&) = delete;
  virtual ~System() = default;

  // A descriptor of the regular file: it does not follow a symbolic link at the end of the path,
  // and does not wait for a FIFO's writer. -EISDIR, -ELOOP, or -ENOTSUP for anything else that is
  // no regular file.
  virtual int open_regular(const std::string& path) = 0;
  // Of an open file, as stat(2) has it: zero of what the kernel makes up while it is read.
  virtual long size(int fd) = 0;
  virtual long read(int fd, ByteSpan out) = 0;
  // Makes the kernel fill its buffer of an open file anew, from the file's start.
  virtual int refill(int fd) = 0;
  virtual int unlink(const std::string& path) = 0;
  // 1 if securityfs is mounted on the directory, 0 if something else is there.
  virtual int is_securityfs(const std::string& directory) = 0;
  virtual int mount_securityfs(const std::string& directory) = 0;
  // Starts a program without a shell, with an empty environment and its output discarded, and
  // waits. Its exit status; -ETIMEDOUT after killing it; -EINTR if a signal ended it; -ECHILD if
  // the process ignores SIGCHLD, so that the kernel kept no status.
  virtual int run(const std::vector<std::string>& arguments, std::chrono::milliseconds limit) = 0;
};

// The running kernel. Has no state.
System& linux_system();

// Its System::run().
int run_program(const std::vector<std::string>& arguments, std::chrono::milliseconds limit);

}  // namespace oskbc::core
