// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

// The tools' own error, beside core::Error of the library.
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

}  // namespace oskbc::tools
