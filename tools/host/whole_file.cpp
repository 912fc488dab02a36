// SPDX-License-Identifier: Apache-2.0
#include "host/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "common/io.h"

namespace oskbc::host {

using core::fail;
using core::Status;

core::Bytes read_whole_file(const std::string& file, std::size_t limit) {
  const std::string path = tools::absolute_path(file);
  // A FIFO without a writer would make opening wait.
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  if (fd.get() < 0 || ::fstat(fd.get(), &status) != 0) {
    const int error = errno;
    fail(Status::io, "opening %s failed: %s (errno %d)", path.c_str(), std::strerror(error), error);
  }
  if (!S_ISREG(status.st_mode)) fail(Status::io, "%s is not a regular file", path.c_str());
  core::Bytes bytes;
  tools::read_blocks(fd.get(), path, [&](core::ByteView block) {
    bytes.insert(bytes.end(), block.begin(), block.end());
    if (bytes.size() <= limit) return;
    fail(Status::argument, "%s has more than %zu bytes, far beyond what it should have",
         path.c_str(), limit);
  });
  return bytes;
}

}  // namespace oskbc::host
