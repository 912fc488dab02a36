// SPDX-License-Identifier: Apache-2.0
//
// Keys files where they lie: read, locked, changed, encrypted.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

#include <boost/filesystem/operations.hpp>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "common/file_writer.h"
#include "common/io.h"
#include "owner/crypto/random.h"
#include "owner/keys/keys_file.h"
#include "owner/keys/sealed_keys.h"

namespace oskbc::owner {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;

// What is encrypted is a third longer.
constexpr std::size_t kKeysLimit = 2 * kKeysText;

// A lock on a file that others replace: it holds once the name still leads to the file that is
// locked.
class FileLock {
 public:
  explicit FileLock(const std::string& path) {
    while (!try_lock(path)) {
    }
  }

 private:
  bool try_lock(const std::string& path) {
    fd_ = core::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    struct stat locked {};
    struct stat named {};
    if (fd_.get() < 0 || ::flock(fd_.get(), LOCK_EX) != 0 || ::fstat(fd_.get(), &locked) != 0 ||
        ::stat(path.c_str(), &named) != 0) {
      const int error = errno;
      fail(Status::io, "locking %s failed: %s (errno %d)", path.c_str(), std::strerror(error),
           error);
    }
    return locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
  }
  core::UniqueFd fd_;
};

SecretBytes sealing_key(const KeysLocation& keys) {
  const std::string file = keys.key_file.empty() ? sealing_key_credential() : keys.key_file;
  if (!file.empty()) return read_sealing_key(file);
  fail(Status::argument,
       "%s is encrypted; --keys-key names the file of its key, or the credential oskbc-keys-key",
       keys.file.c_str());
}

SecretBytes duplicate(const SecretBytes& text) {
  SecretBytes copy(text.size());
  std::ranges::copy(text.expose(), copy.expose_writable().begin());
  return copy;
}

// A keys file that is being changed.
class OpenKeys {
 public:
  // Throws if it isn't there, unless it may be made.
  OpenKeys(const KeysLocation& keys, bool may_make) : keys_(keys) {
    boost::system::error_code missing;
    // A link keeps leading to the file.
    path_ = boost::filesystem::canonical(keys.file, missing).string();
    is_new_ = static_cast<bool>(missing);
    if (is_new_ && may_make) {
      path_ = keys.file;
      return;
    }
    lock_.emplace(is_new_ ? keys.file : path_);
    text_ = tools::read_input(path_, kKeysLimit, Status::keyset);
    is_sealed_ = is_sealed(text_.expose_text());
    if (is_sealed_) text_ = unseal_keys(text_.expose_text(), sealing_key(keys).expose(), keys.file);
  }

  [[nodiscard]] bool is_sealed_now() const noexcept { return is_sealed_; }
  [[nodiscard]] const SecretBytes& text() const noexcept { return text_; }
  [[nodiscard]] KeysFile parse() const {
    if (is_new_) return {};
    return KeysFile(duplicate(text_), keys_.file);
  }

  // Encrypted as it was.
  void write(const SecretBytes& text) { write(text, is_sealed_); }
  void write(const SecretBytes& text, bool seal) {
    static_cast<void>(KeysFile(duplicate(text), keys_.file));
    if (!seal) return replace(text.expose());
    SystemRandom random;
    const std::string sealed = seal_keys(text.expose(), sealing_key(keys_).expose(), random);
    replace(core::as_bytes(std::string_view(sealed)));
  }

 private:
  void replace(core::ByteView bytes) {
    tools::write_file(path_, bytes, tools::FileMode::secret, /*force=*/!is_new_);
  }

  const KeysLocation& keys_;
  std::string path_;
  bool is_new_ = false;
  bool is_sealed_ = false;
  std::optional<FileLock> lock_;
  SecretBytes text_;
};

std::string next_id(const KeysFile& keys, const std::string& id) {
  for (unsigned number = 2;; ++number) {
    std::string next = id + "-" + std::to_string(number);
    if (!keys.has(next)) return next;
  }
}

}  // namespace

SecretBytes read_keys_file(const KeysLocation& keys) {
  SecretBytes text = tools::read_input(keys.file, kKeysLimit, Status::keyset);
  if (!is_sealed(text.expose_text())) return text;
  return unseal_keys(text.expose_text(), sealing_key(keys).expose(), keys.file);
}

void add_keys(const KeysLocation& keys, std::span<const std::string> ids) {
  OpenKeys open(keys, /*may_make=*/true);
  open.write(open.parse().with_new_keys(ids));
}

void change_keys(const KeysLocation& keys,
                 const std::function<SecretBytes(const KeysFile&)>& change) {
  OpenKeys open(keys, /*may_make=*/false);
  open.write(change(open.parse()));
}

std::string add_key_beside(const KeysLocation& keys, const std::string& id, std::string other) {
  OpenKeys open(keys, /*may_make=*/false);
  const KeysFile file = open.parse();
  file.check_there({&id, 1});
  if (other.empty()) other = next_id(file, id);
  open.write(file.with_new_keys({&other, 1}));
  return other;
}

void remove_keys(const KeysLocation& keys, std::span<const std::string> ids) {
  OpenKeys open(keys, /*may_make=*/false);
  open.write(open.parse().without(ids));
}

void check_keys_are_there(const KeysLocation& keys, std::span<const std::string> ids) {
  KeysFile(read_keys_file(keys), keys.file).check_there(ids);
}

bool seal_keys_file(const KeysLocation& keys) {
  OpenKeys open(keys, /*may_make=*/false);
  if (open.is_sealed_now()) fail(Status::argument, "%s is encrypted already", keys.file.c_str());
  const bool makes_key = !keys.key_file.empty() && ::access(keys.key_file.c_str(), F_OK) != 0;
  SystemRandom random;
  if (makes_key) make_sealing_key(keys.key_file, random);
  open.write(open.text(), /*seal=*/true);
  return makes_key;
}

void unseal_keys_file(const KeysLocation& keys) {
  OpenKeys open(keys, /*may_make=*/false);
  if (!open.is_sealed_now()) fail(Status::argument, "%s is not encrypted", keys.file.c_str());
  open.write(open.text(), /*seal=*/false);
}

}  // namespace oskbc::owner
