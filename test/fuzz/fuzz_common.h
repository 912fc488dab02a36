// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/status.h"

// What the fuzz targets share (README.md here).
namespace oskbc::fuzz {

using core::ByteView;

// Longer inputs show nothing that shorter ones don't, and slow everything down; the bounds of a
// megabyte have tests of their own. A chain of seven certificates fits.
inline constexpr std::size_t kMaxInput = std::size_t{16} << 10;

// A target: the source fuzz_NAME.cpp, at whose end one is defined. `run` is one execution: whatever
// the bytes are, every property that it checks has to hold.
class Target {
 public:
  using Run = void (*)(ByteView bytes);

  Target(const char* name, Run run) noexcept;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  // Of those that are linked in: one with an engine, all in the replay. Null if there is none.
  [[nodiscard]] static const Target* find(std::string_view name) noexcept;
  // The last that was defined.
  [[nodiscard]] static const Target* only() noexcept;

  // Inputs that are too long are left out.
  void execute(ByteView bytes) const;

 private:
  const char* name_;
  Run run_;
  const Target* next_;
};

// Names the property that does not hold and aborts, so that the engine keeps the input.
void require(bool holds, const char* property);

// What `call` fails with; Status::ok if it doesn't. Any other exception is a finding.
template <typename Call>
[[nodiscard]] core::Status status_of(Call call) {
  try {
    call();
  } catch (const core::Error& error) {
    return error.status();
  }
  return core::Status::ok;
}

// Takes an input apart from its start; at its end come zeros and empty pieces.
class Input {
 public:
  explicit Input(ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  [[nodiscard]] ByteView rest() const noexcept { return rest_; }
  ByteView consume(std::size_t size) noexcept {
    const ByteView taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  std::uint8_t consume_byte() noexcept {
    const ByteView taken = consume(1);
    return taken.empty() ? std::uint8_t{0} : taken[0];
  }

 private:
  ByteView rest_;
};

}  // namespace oskbc::fuzz
