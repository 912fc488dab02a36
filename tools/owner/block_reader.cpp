// SPDX-License-Identifier: Apache-2.0
#include "owner/block_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <boost/filesystem/operations.hpp>

#include "base/status.h"
#include "base/unique_fd.h"

namespace oskbc::owner {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 17;

[[noreturn]] void fail_io(const char* action, const std::string& name) {
  const int error = errno;
  core::fail(core::Status::io, "%s %s failed: %s (errno %d)", action, name.c_str(),
             std::strerror(error), error);
}

}  // namespace

void read_blocks(const std::string& file, const TakeBlock& take) {
  if (file == "-") return read_blocks(STDIN_FILENO, "standard input", take);
  const std::string path = boost::filesystem::absolute(file).string();
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (fd.get() < 0) fail_io("opening", path);
  read_blocks(fd.get(), path, take);
}

void read_blocks(int fd, const std::string& name, const TakeBlock& take) {
  core::Bytes block(kBlock);
  for (;;) {
    const ssize_t count = ::read(fd, block.data(), block.size());
    if (count == 0) return;
    if (count > 0) take(core::ByteView(block).first(static_cast<std::size_t>(count)));
    if (count < 0 && errno != EINTR) fail_io("reading", name);
  }
}

}  // namespace oskbc::owner
