// SPDX-License-Identifier: Apache-2.0

#include "broker/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "common/error.h"
#include "common/io.h"
#include "common/text.h"
#include "owner/crypto/hash.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::Status;

void check_private(int fd, const std::string& path) {
  struct stat status {};
  if (fd < 0 || ::fstat(fd, &status) != 0) {
    const int error = errno;
    fail(Status::io, "opening %s failed: %s (errno %d)", path.c_str(), std::strerror(error), error);
  }
  if (!S_ISREG(status.st_mode)) {
    fail(Status::argument, "%s is not a regular file", path.c_str());
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    fail(Status::argument, "%s may be read or written by others: chmod 600 it", path.c_str());
  }
}

constexpr std::size_t kBlock = std::size_t{64} << 10;

// As secret bytes: it may be the keys.
std::string file_digest(const std::string& file) {
  const std::string path = tools::absolute_path(file);
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (fd.get() < 0) tools::fail_io("opening", path);
  core::SecretBytes block(kBlock);
  owner::Sha256 hash;
  for (;;) {
    const ssize_t count = ::read(fd.get(), block.expose_writable().data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) tools::fail_io("reading", path);
    if (count == 0) return tools::to_hex(hash.digest());
    hash.update(block.expose().first(static_cast<std::size_t>(count)));
  }
}

}  // namespace

std::string content_digest(const std::string& file) {
  struct stat status {};
  const bool is_there = ::stat(file.c_str(), &status) == 0;
  return is_there && !S_ISREG(status.st_mode) ? std::string() : file_digest(file);
}

void make_private_file(const std::string& file) {
  const std::string path = tools::absolute_path(file);
  constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  const core::UniqueFd fd(::open(path.c_str(), kFlags, S_IRUSR | S_IWUSR));
  check_private(fd.get(), path);
}

core::SecretBytes read_private_file(const std::string& file, std::size_t limit) {
  const std::string path = tools::absolute_path(file);
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  check_private(fd.get(), path);
  return tools::read_file(file, limit, Status::argument);
}

}  // namespace oskbc::broker
