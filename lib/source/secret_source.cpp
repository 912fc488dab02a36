// SPDX-License-Identifier: Apache-2.0
#include "source/secret_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "source/chain.h"
#include "source/kernel_session.h"
#include "source/secret_paths.h"

namespace oskbc::core {
namespace {

// OVMF's area has 3 KiB, so one page is nearly always enough.
constexpr std::size_t kFirstRead = 4096;

struct OpenSecret {
  UniqueFd fd;
  std::string path;
};

[[noreturn]] void fail_with(Status status, const char* action, const std::string& path, int error) {
  fail(status, "%s %s failed: %s (errno %d)", action, path.c_str(), std::strerror(error), error);
}

class SecretTaker {
 public:
  SecretTaker(System& system, const SourceOptions& options)
      : system_(system), options_(options), paths_(options.root), session_(system, paths_) {}

  Result<SecretBytes> take() {
    const std::optional<OpenSecret> secret = find();
    if (!secret) return missing();
    if (options_.keep_secret) {
      session_.keep_module();
      return read(*secret);
    }
    Result<SecretBytes> text;
    try {
      text = read(*secret);
    } catch (...) {
      // The entry goes all the same. Failing at that is graver, and is reported instead.
      if (auto failure = remove(*secret)) return *failure;
      throw;
    }
    if (std::holds_alternative<Error>(text)) return text;
    if (auto failure = remove(*secret)) return *failure;
    return text;
  }

 private:
  std::optional<OpenSecret> find() {
    std::optional<OpenSecret> secret = try_open();
    if (secret || !options_.manage_kernel) return secret;
    session_.mount_securityfs();
    secret = try_open();
    if (secret) return secret;
    session_.load_module();
    return try_open();
  }

  Error missing() {
    const Chain chain = inspect(system_, paths_, options_.guid);
    return make_error(Status::no_secret, "%s", explain(chain, paths_, options_.guid).c_str());
  }

  std::optional<OpenSecret> try_open() {
    for (std::string& path : paths_.files(options_.guid)) {
      const int fd = system_.open_regular(path);
      // Moved, because what allocates here could fail and leave the entry behind.
      if (fd >= 0) return OpenSecret{UniqueFd(fd), std::move(path)};
      if (fd != -ENOENT && fd != -ENOTDIR) fail_with(Status::io, "opening", path, -fd);
    }
    return std::nullopt;
  }

  Result<SecretBytes> read(const OpenSecret& secret) {
    SecretBytes text(kFirstRead);
    std::size_t used = 0;
    for (;;) {
      if (options_.require_locked && !text.locked()) {
        return make_error(
            Status::io,
            "the keys' memory can't be locked, and the options require it; raise RLIMIT_MEMLOCK");
      }
      const long count = system_.read(secret.fd.get(), text.expose_writable().subspan(used));
      if (count < 0) fail_with(Status::io, "reading", secret.path, static_cast<int>(-count));
      used += static_cast<std::size_t>(count);
      if (used > limits::kKeysetText) {
        fail(Status::keyset, "%s has more than %zu bytes", secret.path.c_str(),
             limits::kKeysetText);
      }
      if (count == 0) break;
      // One byte more than the limit has to fit, so that "too long" is noticed.
      if (used == text.size()) text.resize(std::min(2 * used, limits::kKeysetText + 1));
    }
    text.resize(used);
    return text;
  }

  Failure remove(const OpenSecret& secret) {
    const int error = -system_.unlink(secret.path);
    // The entry's memory is overwritten now; the buffer that the kernel gave it to us from is not,
    // and would be freed as it is. Read once more, it holds the zeros. That is all that can be done
    // about it, so an error has no use.
    (void)system_.refill(secret.fd.get());
    if (error == ENOENT) {
      return make_error(Status::no_secret,
                        "%s went away while it was read: another process took it",
                        secret.path.c_str());
    }
    if (error != 0) fail_with(Status::wipe, "removing", secret.path, error);
    return std::nullopt;
  }

  System& system_;
  const SourceOptions& options_;
  SecretPaths paths_;
  KernelSession session_;
};

}  // namespace

Result<SecretBytes> take_secret(System& system, const SourceOptions& options) {
  return SecretTaker(system, options).take();
}

}  // namespace oskbc::core
