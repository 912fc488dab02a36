// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <oskbc/oskbc.h>

namespace oskbc_test {

// Any function of the interface that fills a byte buffer, with its other arguments bound.
using ByteCall = std::function<oskbc_status(std::uint8_t* out, std::size_t* out_len)>;

// A buffer with bytes before and after it that a call must not touch.
class GuardedBuffer {
 public:
  static constexpr std::uint8_t kFill = 0xa5;
  static constexpr std::size_t kGuard = 64;

  explicit GuardedBuffer(std::size_t size) : bytes_(size + 2 * kGuard, kFill), size_(size) {}

  [[nodiscard]] std::uint8_t* data() { return bytes_.data() + kGuard; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view text(std::size_t len) const;
  // Nothing outside the buffer was written.
  [[nodiscard]] bool guards_intact() const;
  // Nothing was written at all.
  [[nodiscard]] bool untouched() const;
  // Whatever was written is wiped.
  [[nodiscard]] bool untouched_or_wiped() const;

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t size_;
};

// The bytes in an answer of oskbc_keyprovider(): one object that holds an array of numbers and
// nothing else. Throws std::runtime_error for any other text.
[[nodiscard]] std::string answer_bytes(std::string_view answer);

// The first word of `texts` that the message repeats, or "". The protocol's own words don't count.
[[nodiscard]] std::string leaked_word(const std::string& message,
                                      const std::vector<std::string_view>& texts);

}  // namespace oskbc_test
