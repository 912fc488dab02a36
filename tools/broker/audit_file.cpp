// SPDX-License-Identifier: Apache-2.0
#include "broker/audit_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/io.h"

namespace oskbc::broker {
namespace {

// No line is as long, whatever keys it names.
constexpr off_t kLongestTail = off_t{1} << 20;

[[noreturn]] void fail_errno(const std::string& what) {
  const int error = errno;
  core::fail(core::Status::io, "%s failed: %s (errno %d)", what.c_str(), std::strerror(error),
             error);
}

off_t size_of_file(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : -1;
}

// Takes off what comes after the last whole line, and gives it.
std::string take_torn_end(int fd, const std::string& path) {
  const off_t size = size_of_file(fd);
  if (size <= 0) return {};
  const core::UniqueFd reader(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  std::string tail(static_cast<std::size_t>(std::min(size, kLongestTail)), '\0');
  const off_t start = size - static_cast<off_t>(tail.size());
  const ssize_t count = ::pread(reader.get(), tail.data(), tail.size(), start);
  if (count != static_cast<ssize_t>(tail.size())) fail_errno("reading " + path);
  const std::string torn = tail.substr(tail.rfind('\n') + 1);
  if (torn.empty()) return {};
  if (::ftruncate(fd, size - static_cast<off_t>(torn.size())) != 0) fail_errno("mending " + path);
  return torn;
}

}  // namespace

AuditFile::AuditFile(std::string file) : file_(std::move(file)), target_(open(file_)) {}

AuditFile::Target AuditFile::open(const std::string& file) {
  if (file.empty()) {
    core::UniqueFd fd(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0));
    const bool is_file = size_of_file(fd.get()) >= 0;
    return {std::move(fd), is_file, {}};
  }
  const std::string path = tools::absolute_path(file);
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
  core::UniqueFd fd(::open(path.c_str(), kFlags, S_IRUSR | S_IWUSR | S_IRGRP));
  if (fd.get() < 0) fail_errno("opening " + path);
  std::string torn = take_torn_end(fd.get(), path);
  const bool is_file = size_of_file(fd.get()) >= 0;
  return {std::move(fd), is_file, std::move(torn)};
}

std::string AuditFile::taken_off() {
  const std::lock_guard lock(mutex_);
  return std::exchange(target_.torn, {});
}

void AuditFile::append(const std::string& lines, bool durable) {
  const std::lock_guard lock(mutex_);
  write_all(torn_ ? "\n" + lines : lines);
  torn_ = false;
  if (durable && target_.is_file && ::fdatasync(target_.fd.get()) != 0) {
    fail_errno("writing the audit to its disk");
  }
}

void AuditFile::write_all(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(target_.fd.get(), text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      take_back(done);
      errno = error;
      fail_errno("writing the audit");
    }
    done += static_cast<std::size_t>(count);
  }
}

// Not if somebody has written since: that would go as well.
void AuditFile::take_back(std::size_t count) noexcept {
  if (count == 0) return;
  const int fd = target_.fd.get();
  const off_t end = target_.is_file ? ::lseek(fd, 0, SEEK_CUR) : -1;
  const bool is_last = end >= 0 && end == size_of_file(fd);
  if (!is_last || ::ftruncate(fd, end - static_cast<off_t>(count)) != 0) torn_ = true;
}

void AuditFile::reopen() {
  Target target = open(file_);
  const std::lock_guard lock(mutex_);
  target_ = std::move(target);
  torn_ = false;
}

}  // namespace oskbc::broker
