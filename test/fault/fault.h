// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>

namespace oskbc::fault {

// What can be made to fail: memory (the heap and SecretBytes' pages), OpenSSL's functions, system
// calls, and what core::System makes of these.
enum class Kind { memory, openssl, kernel, seam };

// Which call fails, counted from 1 over all of its kind; with `lasting` so do all after it.
struct Fault {
  Kind kind = Kind::memory;
  long number = 1;
  bool lasting = false;
  int error = ENOMEM;
};

// While it lives, this thread's calls are counted, and those of the fault fail.
class Injection {
 public:
  explicit Injection(const Fault& fault) noexcept;
  ~Injection();
  Injection(const Injection&) = delete;
  Injection& operator=(const Injection&) = delete;

  // Whether there were so many calls that one had to fail.
  [[nodiscard]] bool happened() const noexcept;
  // The first call that failed; "" if none.
  [[nodiscard]] const char* call() const noexcept;
};

// While it lives, calls are the test's own: neither counted nor failed.
class Pause {
 public:
  Pause() noexcept;
  ~Pause();
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

 private:
  bool was_on_;
};

// For whatever stands in for a call: counts it, and says whether it has to fail.
[[nodiscard]] bool fails(Kind kind, const char* call) noexcept;
// The same for calls that report by errno, which is set.
[[nodiscard]] bool fails_with_errno(Kind kind, const char* call) noexcept;

}  // namespace oskbc::fault
