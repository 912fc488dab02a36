// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "owner/keys/secret_table.h"

namespace oskbc::owner {
namespace {

namespace fs = boost::filesystem;
using core::fail;
using core::Status;

constexpr const char* kFolder = "sys/kernel/security/secrets/coco";

[[noreturn]] void fail_io(const char* action, const fs::path& path) {
  const int error = errno;
  fail(Status::io, "%s %s failed: %s (errno %d)", action, path.c_str(), std::strerror(error),
       error);
}

// The folders on the way, which go away again if they stay empty.
class Folders {
 public:
  // Delegates, so that the destructor cleans up after what throws here too.
  explicit Folders(const fs::path& path) : Folders() {
    fs::path partial;
    for (const fs::path& part : path.lexically_normal()) make(partial /= part);
  }
  Folders(const Folders&) = delete;
  Folders& operator=(const Folders&) = delete;
  ~Folders() {
    for (auto made = made_.rbegin(); made != made_.rend(); ++made) ::rmdir(made->c_str());
  }

 private:
  Folders() = default;
  void make(const fs::path& path) {
    if (::mkdir(path.c_str(), 0755) == 0) {
      made_.push_back(path);
    } else if (errno != EEXIST) {
      fail_io("making", path);
    }
  }
  std::vector<fs::path> made_;
};

void remove_folder(const fs::path& folder) noexcept {
  boost::system::error_code ignored;
  fs::remove_all(folder, ignored);
}

// A folder beside its destination, removed unless it gets its name.
class NewFolder {
 public:
  explicit NewFolder(const fs::path& parent) {
    std::string pattern = (parent / ".sev-guest-owner.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) fail_io("making a folder in", parent);
    path_ = pattern;
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  ~NewFolder() { remove_folder(path_); }

  void write(const std::string& name, core::ByteView bytes) const {
    const fs::path path = path_ / name;
    const core::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0440));
    // Whatever the umask: the modes are the kernel's.
    if (fd.get() < 0 || ::fchmod(fd.get(), 0440) != 0) fail_io("writing", path);
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd.get(), bytes.data(), bytes.size());
      if (count < 0 && errno != EINTR) fail_io("writing", path);
      if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    if (::fsync(fd.get()) != 0) fail_io("syncing", path);
  }

  // Private until now.
  void open_to_all() const {
    if (::chmod(path_.c_str(), 0755) != 0) fail_io("making", path_);
  }

  [[nodiscard]] bool rename(const fs::path& target) const {
    return ::rename(path_.c_str(), target.c_str()) == 0;
  }

 private:
  fs::path path_;
};

// Only what an earlier run or the kernel may have made is ever removed.
void check_holds_only_entries(const fs::path& folder) {
  boost::system::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const bool is_secret = core::Guid::parse(entry->path().filename().string()).has_value() &&
                           entry->symlink_status().type() == fs::regular_file;
    if (!is_secret) {
      fail(Status::argument, "%s holds something else than secrets and is not replaced",
           folder.c_str());
    }
  }
  if (error) fail(Status::io, "reading %s failed: %s", folder.c_str(), error.message().c_str());
}

// rename(2) replaces an empty folder only, so the old one first goes aside.
void replace_folder(const NewFolder& folder, const fs::path& target) {
  check_holds_only_entries(target);
  boost::system::error_code error;
  const fs::path aside = target.parent_path() / fs::unique_path(".sev-guest-owner.%%%%%%%%");
  fs::rename(target, aside, error);
  if (error) fail(Status::io, "moving %s failed: %s", target.c_str(), error.message().c_str());
  if (!folder.rename(target)) {
    const int reason = errno;
    fs::rename(aside, target, error);
    errno = reason;
    fail_io("making", target);
  }
  remove_folder(aside);
}

}  // namespace

void lay_out_secret_tree(std::span<const SecretEntry> entries, const std::string& root,
                         bool force) {
  const fs::path target = fs::absolute(root) / kFolder;
  boost::system::error_code ignored;
  const bool exists = fs::exists(fs::symlink_status(target, ignored));
  if (exists && !force) fail(Status::argument, "%s exists; --force replaces it", target.c_str());
  const Folders folders(target.parent_path());
  const NewFolder folder(target.parent_path());
  for (const SecretEntry& entry : entries) folder.write(entry.guid.text(), entry.data);
  folder.open_to_all();
  if (exists) return replace_folder(folder, target);
  if (!folder.rename(target)) fail_io("making", target);
}

}  // namespace oskbc::owner
