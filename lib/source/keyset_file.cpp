// SPDX-License-Identifier: Apache-2.0
#include "source/keyset_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "source/secret_paths.h"

namespace oskbc::core {
namespace {

class KeysetFileReader {
 public:
  KeysetFileReader(System& system, const SourceOptions& options)
      : system_(system),
        require_locked_(options.require_locked),
        path_(SecretPaths(options.root)
                  .file(options.keyset_file.empty() ? kKeysetFile : options.keyset_file)),
        fd_(open()) {}

  SecretBytes read() {
    // One byte more, which shows that the file ends where it should.
    SecretBytes text(std::min(size(), limits::kKeysetFile) + 1);
    std::size_t used = 0;
    for (;;) {
      if (require_locked_ && !text.locked()) {
        fail(Status::io,
             "the memory for %s can't be locked, and the options require it; raise RLIMIT_MEMLOCK",
             path_.c_str());
      }
      const std::size_t count = read(text.expose_writable().subspan(used));
      used += count;
      if (used > limits::kKeysetFile) {
        fail(Status::keyset, "%s has more than %zu bytes", path_.c_str(), limits::kKeysetFile);
      }
      if (count == 0) break;
      if (used == text.size()) text.resize(std::min(2 * used, limits::kKeysetFile + 1));
    }
    text.resize(used);
    return text;
  }

 private:
  UniqueFd open() {
    const int fd = system_.open_regular(path_);
    if (fd >= 0) return UniqueFd(fd);
    if (fd == -ENOENT || fd == -ENOTDIR) {
      fail(
          Status::no_keyset_file,
          "the injected keyset has the key of a keyset in a file, but %s is not there; put the file that was sealed for this guest into its initrd or on its disk",
          path_.c_str());
    }
    fail_at("opening", -fd);
  }

  [[nodiscard]] std::size_t size() {
    const long size = system_.size(fd_.get());
    if (size < 0) fail_at("looking at", static_cast<int>(-size));
    return static_cast<std::size_t>(size);
  }

  [[nodiscard]] std::size_t read(ByteSpan out) {
    const long count = system_.read(fd_.get(), out);
    if (count < 0) fail_at("reading", static_cast<int>(-count));
    return static_cast<std::size_t>(count);
  }

  [[noreturn]] void fail_at(const char* action, int error) {
    fail(Status::io, "%s %s failed: %s (errno %d)", action, path_.c_str(), std::strerror(error),
         error);
  }

  System& system_;
  bool require_locked_;
  std::string path_;
  UniqueFd fd_;
};

}  // namespace

SecretBytes read_keyset_file(System& system, const SourceOptions& options) {
  return KeysetFileReader(system, options).read();
}

}  // namespace oskbc::core
