// SPDX-License-Identifier: Apache-2.0
// The kernel refuses, at whatever call and for whatever reason.
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <new>
#include <set>
#include <string>
#include <string_view>

#include "fault/failing_system.h"
#include "fault/sweep.h"
#include "source/system.h"
#include "support/catch.h"

namespace oskbc::kernel_test {

using namespace oskbc::fault;
using namespace std::chrono_literals;

namespace {

template <typename T>
bool is_one_of(const T& wanted, std::initializer_list<T> all) {
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

bool is_absent(int error) { return is_one_of(error, {ENOENT, ENOTDIR}); }

// What runs modprobe. Where that fails after the secret was taken, it is for unloading, and nothing
// is wrong.
bool is_for_modprobe(std::string_view call) {
  return is_one_of<std::string_view>(call, {"run", "pipe2", "posix_spawn", "waitpid"});
}

// Best effort, or a question whose answer is not needed.
bool does_not_matter(std::string_view call) {
  return is_one_of<std::string_view>(
      call, {"mlock", "madvise", "munmap", "statfs", "is_securityfs", "pread", "refill"});
}

// How an opening may end when a call fails with an error; `otherwise` is how it would end without.
// What interrupts a system call does not count, but the seam is above that.
std::set<oskbc_status> outcomes(Kind kind, std::string_view call, int error,
                                oskbc_status otherwise) {
  if (does_not_matter(call)) return {otherwise};
  if (is_one_of<std::string_view>(call, {"mmap", "sysconf"})) return {OSKBC_E_NO_MEMORY};
  const bool retried = is_one_of<std::string_view>(call, {"open", "read", "waitpid"});
  if (kind == Kind::kernel && error == EINTR && retried) return {otherwise};
  if (call == "unlink") return {error == ENOENT ? OSKBC_E_NO_SECRET : OSKBC_E_WIPE};
  if (call == "read") return {OSKBC_E_IO};
  // Only for a lack of memory; when it unloads, no matter.
  if (call == "posix_spawn_file_actions_adddup2") return {otherwise, OSKBC_E_NO_MEMORY};
  // Not in sight here; it may be at the next look.
  const bool looks_on =
      is_one_of<std::string_view>(call, {"open", "fstat", "mount"}) &&
      (is_absent(error) || (call == "mount" && is_one_of(error, {EBUSY, ENODEV})));
  // Of a keyset file that was there when it was opened, that is no answer.
  if (looks_on && call == "fstat")
    return {otherwise, OSKBC_E_NO_SECRET, OSKBC_E_NO_KEYSET_FILE, OSKBC_E_IO};
  if (looks_on) return {otherwise, OSKBC_E_NO_SECRET, OSKBC_E_NO_KEYSET_FILE};
  if (!is_for_modprobe(call)) return {OSKBC_E_IO};
  // No status: whoever looks next sees whether it worked.
  if (error == ECHILD) return {otherwise, OSKBC_E_NO_SECRET};
  return {otherwise, OSKBC_E_IO};
}

// Ends what an attempt left; true if there was nothing.
bool had_no_child() {
  bool none = true;
  while (waitpid(-1, nullptr, 0) > 0) none = false;
  return none;
}

// Starting a program, call by call.
constexpr std::array<const char*, 5> kStart = {"pipe2", "posix_spawn_file_actions_adddup2",
                                               "posix_spawn_file_actions_adddup2",
                                               "posix_spawn_file_actions_adddup2", "posix_spawn"};

int run_false() {
  try {
    return core::run_program({"/bin/false"}, 10s);
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
}

using Names = std::set<std::string>;

// Sweeps with each error; returns the calls that failed.
Names sweep_errors(Kind kind, const Operation& operation, std::initializer_list<int> errors) {
  Names seen;
  for (const int error : errors) {
    const auto fits = [&](const Operation& swept, const char* call, oskbc_status status) {
      seen.insert(call);
      auto allowed = outcomes(kind, call, error, swept.expected);
      // Not being removable is the graver failure.
      if (swept.expected == OSKBC_E_WIPE) allowed.insert(OSKBC_E_WIPE);
      const bool lost_by_kernel = std::string_view(call) == "waitpid" && error != EINTR;
      return (had_no_child() || lost_by_kernel) && allowed.count(status) != 0;
    };
    sweep(operation, {.kind = kind, .error = error}, fits);
  }
  return seen;
}

Names sweep_openings(Kind kind, core::System& system, std::initializer_list<int> errors) {
  Names seen;
  for (const Operation& operation : open_operations(system)) {
    seen.merge(sweep_errors(kind, operation, errors));
  }
  return seen;
}

}  // namespace

TEST_CASE("opening survives every failure of what it asks of the system") {
  FailingSystem system;
  const auto seen = sweep_openings(Kind::seam, system,
                                   {EIO, EACCES, EPERM, ENOENT, ENOTDIR, ELOOP, EROFS, EBUSY, EINTR,
                                    ENOMEM, ENODEV, EMFILE, ETIMEDOUT, ECHILD});
  CHECK(seen == Names{"open", "size", "read", "refill", "unlink", "is_securityfs", "mount", "run"});
}

TEST_CASE("opening survives every failure of a system call") {
  const auto seen = sweep_openings(Kind::kernel, core::linux_system(),
                                   {EIO, ENOENT, EINTR, ENOMEM, EBUSY, ECHILD});
  // All that meson.build wraps, so that a call which the library makes by another name is noticed.
  CHECK(seen == Names{"fstat", "madvise", "mlock", "mmap", "mount", "munmap", "open", "pipe2",
                      "posix_spawn", "posix_spawn_file_actions_adddup2", "pread", "read", "statfs",
                      "sysconf", "unlink", "waitpid"});
}

TEST_CASE("a program is not started unless all that it needs is there") {
  long number = 0;
  for (const std::string_view call : kStart) {
    const Injection injection({.kind = Kind::kernel, .number = ++number});
    const int outcome = run_false();
    const Pause pause;
    const bool right = injection.call() == call && outcome == -ENOMEM && had_no_child();
    CHECK(right);
    count("modprobe that can't be started", 1, right ? 0 : 1);
  }
}

TEST_CASE("a program that hangs is ended and waited for, however often that is interrupted") {
  // The last of the calls waits for what was killed; how many ask before it depends on the time.
  bool happened = true;
  for (long number = kStart.size() + 1; happened && number < 20; ++number) {
    const Injection injection({.kind = Kind::kernel, .number = number, .error = EINTR});
    const int outcome = core::run_program({"/bin/sleep", "60"}, 2ms);
    happened = injection.happened();
    const Pause pause;
    const bool right = outcome == -ETIMEDOUT && had_no_child();
    CHECK(right);
    count("modprobe that hangs", happened ? 1 : 0, right ? 0 : 1);
  }
}

}  // namespace oskbc::kernel_test
