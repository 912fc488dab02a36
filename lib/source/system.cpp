// SPDX-License-Identifier: Apache-2.0
#include "source/system.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <new>
#include <thread>

#include "base/unique_fd.h"

namespace oskbc::core {
namespace {

using Clock = std::chrono::steady_clock;

// What the child gets: a pipe for its three streams, so that not even /dev/null has to exist.
// Nobody writes to its input, and its output ends in the pipe's buffer.
class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    reset_signals();
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  // Without its pipe the program would write where the caller does.
  void redirect(int end, int stream) {
    if (posix_spawn_file_actions_adddup2(&actions_, end, stream) != 0) throw std::bad_alloc();
  }

  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  // The caller's blocked and ignored signals are not for modprobe, and its process group can be
  // killed as a whole.
  void reset_signals() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

int spawn(const std::vector<std::string>& arguments, pid_t& child) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -errno;
  const UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  char* no_environment[] = {nullptr};
  SpawnSettings settings;
  settings.redirect(read_end.get(), STDIN_FILENO);
  settings.redirect(write_end.get(), STDOUT_FILENO);
  settings.redirect(write_end.get(), STDERR_FILENO);
  return -posix_spawn(&child, argv[0], settings.actions(), settings.attributes(), argv.data(),
                      no_environment);
}

int exit_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR; }

// Returns whether the child has ended, with its outcome.
bool has_ended(pid_t child, int& outcome) {
  int status = 0;
  const pid_t ended = waitpid(child, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
  outcome = ended < 0 ? -errno : exit_status(status);
  return true;
}

void kill_and_wait(pid_t child) {
  kill(-child, SIGKILL);
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

int result(int returned) { return returned == 0 ? 0 : -errno; }

template <typename Call>
auto retry(Call call) {
  auto returned = call();
  while (returned < 0 && errno == EINTR) returned = call();
  return returned;
}

class LinuxSystem final : public System {
 public:
  int open_regular(const std::string& path) override {
    constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    UniqueFd fd(retry([&] { return ::open(path.c_str(), kFlags); }));
    if (fd.get() < 0) return -errno;
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return -errno;
    if (S_ISDIR(status.st_mode)) return -EISDIR;
    if (!S_ISREG(status.st_mode)) return -ENOTSUP;
    return fd.release();
  }

  long size(int fd) override {
    struct stat status {};
    return ::fstat(fd, &status) != 0 ? -errno : static_cast<long>(status.st_size);
  }

  long read(int fd, ByteSpan out) override {
    const long count = retry([&] { return ::read(fd, out.data(), out.size()); });
    return count < 0 ? -errno : count;
  }

  int refill(int fd) override {
    char first = 0;
    return retry([&] { return ::pread(fd, &first, sizeof first, 0); }) < 0 ? -errno : 0;
  }

  int unlink(const std::string& path) override { return result(::unlink(path.c_str())); }

  int is_securityfs(const std::string& directory) override {
    struct statfs status {};
    if (retry([&] { return ::statfs(directory.c_str(), &status); }) != 0) return -errno;
    return status.f_type == SECURITYFS_MAGIC ? 1 : 0;
  }

  int mount_securityfs(const std::string& directory) override {
    constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    return result(::mount("securityfs", directory.c_str(), "securityfs", kFlags, nullptr));
  }

  int run(const std::vector<std::string>& arguments, std::chrono::milliseconds limit) override {
    return run_program(arguments, limit);
  }
};

}  // namespace

int run_program(const std::vector<std::string>& arguments, std::chrono::milliseconds limit) {
  pid_t child = 0;
  int outcome = spawn(arguments, child);
  if (outcome != 0) return outcome;
  // Polled, because waiting with a limit would need a signal handler, which belongs to the caller.
  const auto end = Clock::now() + limit;
  while (!has_ended(child, outcome)) {
    if (Clock::now() >= end) {
      kill_and_wait(child);
      return -ETIMEDOUT;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return outcome;
}

System& linux_system() {
  static LinuxSystem system;
  return system;
}

}  // namespace oskbc::core
