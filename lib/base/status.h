// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

namespace oskbc::core {

// The outcomes; their numbers are public. lib/capi/status.cpp holds them against the public
// numbers.
enum class Status {
  ok = 0,
  argument = 1,
  buffer = 2,
  params = 3,
  no_secret = 4,
  io = 5,
  wipe = 6,
  keyset = 7,
  packet = 8,
  request = 9,
  unknown_key = 10,
  unsupported = 11,
  decrypt = 12,
  no_memory = 13,
  internal = 14,
};

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

}  // namespace oskbc::core
