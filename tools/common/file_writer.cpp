// SPDX-License-Identifier: Apache-2.0
#include "common/file_writer.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "common/error.h"
#include "common/io.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::Status;

[[noreturn]] void fail_exists(const std::string& path) {
  fail(Status::argument, "%s exists; --force replaces it", path.c_str());
}

// Not after the target, whose name may already be as long as names can be.
std::string temporary_name() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) {
    fail(Status::io, "the system gave no random number: %s", std::strerror(errno));
  }
  char name[40];
  std::snprintf(name, sizeof name, ".sev-guest-owner.%016llx",
                static_cast<unsigned long long>(number));
  return name;
}

// A file with its content but not yet its name; removed at the end of its scope if it never gets
// it.
class UnnamedFile {
 public:
  // Delegates, so that the destructor cleans up after what throws here too.
  UnnamedFile(const NewFile& file, bool force) : UnnamedFile(force) {
    path_ = absolute_path(file.path);
    const std::size_t slash = path_.rfind('/');
    name_ = path_.substr(slash + 1);
    if (name_.empty() || name_ == "." || name_ == "..") {
      fail(Status::argument, "%s is no name for a file", path_.c_str());
    }
    open_directory(path_.substr(0, slash == 0 ? 1 : slash));
    check_target();
    write(file);
  }
  UnnamedFile(UnnamedFile&& other) noexcept
      : path_(std::move(other.path_)),
        name_(std::move(other.name_)),
        temporary_(std::exchange(other.temporary_, {})),
        directory_(std::move(other.directory_)),
        force_(other.force_),
        is_new_(other.is_new_),
        named_(std::exchange(other.named_, false)) {}
  UnnamedFile& operator=(UnnamedFile&&) = delete;
  UnnamedFile(const UnnamedFile&) = delete;
  UnnamedFile& operator=(const UnnamedFile&) = delete;
  ~UnnamedFile() {
    if (!temporary_.empty()) ::unlinkat(directory_.get(), temporary_.c_str(), 0);
  }

  void give_name() {
    if (force_
            ? ::renameat(directory_.get(), temporary_.c_str(), directory_.get(), name_.c_str()) != 0
            : !rename_to_free_name()) {
      if (errno == EEXIST) fail_exists(path_);
      fail_io("writing", path_);
    }
    temporary_.clear();
    named_ = true;
  }

  void sync_name() const {
    if (::fsync(directory_.get()) != 0) fail_io("syncing the directory of", path_);
  }

  void take_back() noexcept {
    if (named_ && is_new_) ::unlinkat(directory_.get(), name_.c_str(), 0);
  }

 private:
  explicit UnnamedFile(bool force) noexcept : force_(force) {}

  void open_directory(const std::string& directory) {
    directory_ = core::UniqueFd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory_.get() < 0) fail_io("opening the directory", directory);
  }

  // Says early what give_name() would say late. Devices and directories stay in any case.
  void check_target() {
    struct stat target {};
    is_new_ = ::fstatat(directory_.get(), name_.c_str(), &target, AT_SYMLINK_NOFOLLOW) != 0;
    if (is_new_) return;
    if (!force_) fail_exists(path_);
    if (!S_ISREG(target.st_mode) && !S_ISLNK(target.st_mode)) {
      fail(Status::argument, "%s is not a regular file and is not replaced", path_.c_str());
    }
  }

  void write(const NewFile& file) {
    std::string name = temporary_name();
    const mode_t mode = file.mode == FileMode::secret ? 0600 : 0644;
    const core::UniqueFd fd(
        ::openat(directory_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (fd.get() < 0) fail_io("writing", path_);
    temporary_ = std::move(name);
    write_all(fd.get(), file.bytes);
    if (::fsync(fd.get()) != 0) fail_io("syncing", path_);
  }

  void write_all(int fd, core::ByteView bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd, bytes.data(), bytes.size());
      if (count < 0 && errno != EINTR) fail_io("writing", path_);
      if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }

  bool rename_to_free_name() {
    const int directory = directory_.get();
    if (::renameat2(directory, temporary_.c_str(), directory, name_.c_str(), RENAME_NOREPLACE) ==
        0) {
      return true;
    }
    // File systems that don't know the flag have hard links instead, or neither.
    if (errno != EINVAL && errno != ENOSYS) return false;
    if (::linkat(directory, temporary_.c_str(), directory, name_.c_str(), 0) != 0) return false;
    ::unlinkat(directory, temporary_.c_str(), 0);
    return true;
  }

  std::string path_;
  std::string name_;
  std::string temporary_;
  core::UniqueFd directory_;
  bool force_;
  bool is_new_ = true;
  bool named_ = false;
};

}  // namespace

void write_file(const std::string& path, core::ByteView bytes, FileMode mode, bool force) {
  const NewFile file{path, bytes, mode};
  write_files({&file, 1}, force);
}

void write_files(std::span<const NewFile> files, bool force) {
  std::vector<UnnamedFile> written;
  written.reserve(files.size());
  for (const NewFile& file : files) written.emplace_back(file, force);
  try {
    for (UnnamedFile& file : written) file.give_name();
    for (const UnnamedFile& file : written) file.sync_name();
  } catch (...) {
    for (UnnamedFile& file : written) file.take_back();
    throw;
  }
}

}  // namespace oskbc::tools
