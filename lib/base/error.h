// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace oskbc::core {

// Who names one of them includes base/status.h.
enum class Status : int;

class Error;

// An Error whose text is printf's, cut where it is too long.
[[nodiscard, gnu::format(printf, 2, 3)]] Error make_error(Status status, const char* format, ...);

// The same for a text around one number, where it is made often: printf takes a sixth of
// what reading a packet takes.
[[nodiscard]] Error make_error_around(Status status, std::string_view before, std::size_t number,
                                      std::string_view after) noexcept;

// Throws it.
[[noreturn, gnu::format(printf, 2, 3)]] void fail(Status status, const char* format, ...);

// The one exception of the library. Its text is made by these two from our own words, numbers and
// paths; input, keys and plaintext never go in. A fixed array, so that throwing allocates no
// string.
class Error final : public std::exception {
 public:
  static constexpr unsigned kTextSize = 512;

  [[nodiscard]] Status status() const noexcept { return status_; }
  [[nodiscard]] const char* what() const noexcept override { return text_; }

 private:
  explicit Error(Status status) noexcept : status_(status) {}
  friend Error make_error(Status status, const char* format, ...);
  friend Error make_error_around(Status status, std::string_view before, std::size_t number,
                                 std::string_view after) noexcept;
  friend void fail(Status status, const char* format, ...);

  Status status_;
  char text_[kTextSize] = {};
};

// Throwing takes longer than unwrapping a key. So what a caller meets in normal use comes back as a
// value: a length that was asked for, a key that is another guest's, a secret that nobody injected.
// What is wrong is thrown.
template <typename T>
using Result = std::variant<T, Error>;
// The same where there is no value; nothing is success.
using Failure = std::optional<Error>;

// For those who want an exception all the same.
template <typename T>
[[nodiscard]] T value_of(Result<T> result) {
  if (const Error* error = std::get_if<Error>(&result)) throw Error(*error);
  return std::get<T>(std::move(result));
}

// What a status means, in a few words; for any number.
[[nodiscard]] const char* describe(Status status) noexcept;

}  // namespace oskbc::core
