// SPDX-License-Identifier: Apache-2.0
#include "common/io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <boost/filesystem/operations.hpp>

#include "base/status.h"
#include "base/unique_fd.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;

constexpr std::size_t kFirstRead = 16384;

[[noreturn]] void fail_io(const char* action, const std::string& name) {
  const int error = errno;
  fail(Status::io, "%s %s failed: %s (errno %d)", action, name.c_str(), std::strerror(error),
       error);
}

std::size_t read_some(int fd, const std::string& name, core::ByteSpan out) {
  ssize_t count = 0;
  do {
    count = ::read(fd, out.data(), out.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail_io("reading", name);
  return static_cast<std::size_t>(count);
}

SecretBytes read_all(int fd, const std::string& name, std::size_t limit, Status too_long) {
  SecretBytes bytes(std::min(kFirstRead, limit + 1));
  std::size_t used = 0;
  for (;;) {
    const std::size_t count = read_some(fd, name, bytes.expose_writable().subspan(used));
    if (count == 0) break;
    used += count;
    if (used > limit) fail(too_long, "%s has more than %zu bytes", name.c_str(), limit);
    if (used == bytes.size()) bytes.resize(std::min(2 * used, limit + 1));
  }
  bytes.resize(used);
  return bytes;
}

}  // namespace

SecretBytes read_input(const std::string& file, std::size_t limit, Status too_long) {
  if (file == "-") return read_all(STDIN_FILENO, "standard input", limit, too_long);
  const std::string path = absolute_path(file);
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (fd.get() < 0) fail_io("opening", path);
  return read_all(fd.get(), path, limit, too_long);
}

SecretBytes read_file(const std::string& file, std::size_t limit, Status too_long) {
  const std::string path = absolute_path(file);
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  if (fd.get() < 0 || ::fstat(fd.get(), &status) != 0) fail_io("opening", path);
  if (!S_ISREG(status.st_mode)) fail(Status::io, "%s is not a regular file", path.c_str());
  return read_all(fd.get(), path, limit, too_long);
}

std::string absolute_path(const std::string& file) {
  return boost::filesystem::absolute(file).string();
}

void write_output(core::ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) fail_io("writing to", "standard output");
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void write_output(std::string_view text) { write_output(core::as_bytes(text)); }

void refuse_terminal() {
  if (isatty(STDOUT_FILENO) == 1) {
    fail(Status::argument,
         "standard output is a terminal, and this is a secret; redirect it, or use --force");
  }
}

}  // namespace oskbc::tools
