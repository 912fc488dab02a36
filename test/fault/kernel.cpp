// SPDX-License-Identifier: Apache-2.0
#include "fault/kernel.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/filesystem.hpp>

#include "fault/fault.h"

namespace oskbc::fault {
namespace {

Hooks hooks;
Pages page_count;
long good_files = 0;

void call(const std::function<void()>& hook) {
  if (!hook) return;
  const Pause pause;
  hook();
}

bool fails_here(const char* name) { return fails_with_errno(Kind::kernel, name); }

void note_release(const void* pages, std::size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(pages);
  --page_count.live;
  if (std::any_of(bytes, bytes + size, [](unsigned char byte) { return byte != 0; })) {
    ++page_count.unwiped;
  }
}

}  // namespace

Hooked::Hooked(Hooks wanted) { hooks = std::move(wanted); }
Hooked::~Hooked() { hooks = {}; }

Pages pages() noexcept { return page_count; }
long opened_files() noexcept { return good_files; }

long open_descriptors() {
  const boost::filesystem::directory_iterator descriptors("/proc/self/fd");
  return std::distance(begin(descriptors), end(descriptors));
}

}  // namespace oskbc::fault

using namespace oskbc::fault;

// The names are those of 64-bit file offsets, which Meson asks for. A name that the library no
// longer calls is noticed: the tests say which calls they have to see.
extern "C" {
int __real_open64(const char* path, int flags, ...);
int __wrap_open64(const char* path, int flags, mode_t mode);
int __wrap_open64(const char* path, int flags, mode_t mode) {
  return fails_here("open") ? -1 : __real_open64(path, flags, mode);
}

int __real_fstat64(int fd, struct stat64* status);
int __wrap_fstat64(int fd, struct stat64* status);
int __wrap_fstat64(int fd, struct stat64* status) {
  const int result = fails_here("fstat") ? -1 : __real_fstat64(fd, status);
  if (result == 0 && S_ISREG(status->st_mode)) ++good_files;
  return result;
}

ssize_t __real_read(int fd, void* out, std::size_t size);
ssize_t __wrap_read(int fd, void* out, std::size_t size);
ssize_t __wrap_read(int fd, void* out, std::size_t size) {
  call(hooks.on_read);
  return fails_here("read") ? -1 : __real_read(fd, out, size);
}

ssize_t __real_pread64(int fd, void* out, std::size_t size, off64_t from);
ssize_t __wrap_pread64(int fd, void* out, std::size_t size, off64_t from);
ssize_t __wrap_pread64(int fd, void* out, std::size_t size, off64_t from) {
  return fails_here("pread") ? -1 : __real_pread64(fd, out, size, from);
}

int __real_unlink(const char* path);
int __wrap_unlink(const char* path);
int __wrap_unlink(const char* path) {
  call(hooks.on_unlink);
  if (hooks.refuse_unlink) {
    errno = EROFS;
    return -1;
  }
  return fails_here("unlink") ? -1 : __real_unlink(path);
}

int __real_statfs64(const char* path, struct statfs64* status);
int __wrap_statfs64(const char* path, struct statfs64* status);
int __wrap_statfs64(const char* path, struct statfs64* status) {
  return fails_here("statfs") ? -1 : __real_statfs64(path, status);
}

// The real one would change this machine.
int __wrap_mount(const char* source, const char* target, const char* type, unsigned long flags,
                 const void* data);
int __wrap_mount(const char* /*source*/, const char* /*target*/, const char* /*type*/,
                 unsigned long /*flags*/, const void* /*data*/) {
  if (fails_here("mount")) return -1;
  call(hooks.on_mount);
  return 0;
}

void* __real_mmap64(void* address, std::size_t size, int protection, int flags, int fd,
                    off64_t from);
void* __wrap_mmap64(void* address, std::size_t size, int protection, int flags, int fd,
                    off64_t from);
void* __wrap_mmap64(void* address, std::size_t size, int protection, int flags, int fd,
                    off64_t from) {
  // Memory as much as a system call; an injection is of one kind only.
  if (fails_here("mmap") || fails_with_errno(Kind::memory, "mmap")) return MAP_FAILED;
  void* const pages = __real_mmap64(address, size, protection, flags, fd, from);
  if (pages != MAP_FAILED) ++page_count.live;
  return pages;
}

int __real_munmap(void* pages, std::size_t size);
int __wrap_munmap(void* pages, std::size_t size);
int __wrap_munmap(void* pages, std::size_t size) {
  note_release(pages, size);
  const int result = __real_munmap(pages, size);
  return fails_here("munmap") ? -1 : result;
}

int __real_mlock(const void* pages, std::size_t size);
int __wrap_mlock(const void* pages, std::size_t size);
int __wrap_mlock(const void* pages, std::size_t size) {
  return fails_here("mlock") ? -1 : __real_mlock(pages, size);
}

int __real_madvise(void* pages, std::size_t size, int advice);
int __wrap_madvise(void* pages, std::size_t size, int advice);
int __wrap_madvise(void* pages, std::size_t size, int advice) {
  return fails_here("madvise") ? -1 : __real_madvise(pages, size, advice);
}

long __real_sysconf(int name);
long __wrap_sysconf(int name);
long __wrap_sysconf(int name) { return fails_here("sysconf") ? -1 : __real_sysconf(name); }

int __real_pipe2(int* ends, int flags);
int __wrap_pipe2(int* ends, int flags);
int __wrap_pipe2(int* ends, int flags) {
  return fails_here("pipe2") ? -1 : __real_pipe2(ends, flags);
}

pid_t __real_waitpid(pid_t child, int* status, int options);
pid_t __wrap_waitpid(pid_t child, int* status, int options);
pid_t __wrap_waitpid(pid_t child, int* status, int options) {
  return fails_here("waitpid") ? -1 : __real_waitpid(child, status, options);
}

// These return the error.
int __real_posix_spawn(pid_t* child, const char* path, const posix_spawn_file_actions_t* actions,
                       const posix_spawnattr_t* attributes, char* const* argv, char* const* envp);
int __wrap_posix_spawn(pid_t* child, const char* path, const posix_spawn_file_actions_t* actions,
                       const posix_spawnattr_t* attributes, char* const* argv, char* const* envp);
int __wrap_posix_spawn(pid_t* child, const char* path, const posix_spawn_file_actions_t* actions,
                       const posix_spawnattr_t* attributes, char* const* argv, char* const* envp) {
  if (fails_here("posix_spawn")) return errno;
  call(hooks.on_spawn);
  return __real_posix_spawn(child, path, actions, attributes, argv, envp);
}

int __real_posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t* actions, int fd, int as);
int __wrap_posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t* actions, int fd, int as);
int __wrap_posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t* actions, int fd, int as) {
  if (fails_here("posix_spawn_file_actions_adddup2")) return errno;
  return __real_posix_spawn_file_actions_adddup2(actions, fd, as);
}
}
