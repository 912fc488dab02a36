// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

namespace oskbc::core {

// Who names one of them includes base/status.h.
enum class Status : int;

// Throws an Error whose text is printf's, cut where it is too long.
[[noreturn, gnu::format(printf, 2, 3)]] void fail(Status status, const char* format, ...);

// The one exception of the library. Its text is made by fail() from our own words, numbers and
// paths; input, keys and plaintext never go in. A fixed array, so that throwing allocates no
// string.
class Error final : public std::exception {
 public:
  static constexpr unsigned kTextSize = 512;

  [[nodiscard]] Status status() const noexcept { return status_; }
  [[nodiscard]] const char* what() const noexcept override { return text_; }

 private:
  explicit Error(Status status) noexcept : status_(status) {}
  friend void fail(Status status, const char* format, ...);

  Status status_;
  char text_[kTextSize] = {};
};

// What a status means, in a few words; for any number.
[[nodiscard]] const char* describe(Status status) noexcept;

}  // namespace oskbc::core
