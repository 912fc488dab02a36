// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

// The tools' own error, beside core::Error of the library, and one that they all meet.
namespace oskbc::tools {

// To scripts, what is refused is the same as what does not decrypt.
inline constexpr int kExitRefused = 12;

// What is well formed but not trusted: a signature, chain or measurement that does not verify, a
// platform or launch that a keyset's policy does not allow. A type of its own, so that nobody takes
// it for a wrong key. The text is for people, and tells nothing secret.
class Refused final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws a Refused whose text is printf's.
[[noreturn, gnu::format(printf, 1, 2)]] void refuse(const char* format, ...);

// After a system call that failed: throws Status::io with what errno says. `action` is what was
// done, in its -ing form, and `name` to what.
[[noreturn]] void fail_io(const char* action, const std::string& name);

}  // namespace oskbc::tools
