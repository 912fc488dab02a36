// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

// Plain values of the one curve that the SEV API's keys are on. All are big endian here;
// certificates hold them little endian.
namespace oskbc::owner::p384 {

inline constexpr std::size_t kSize = 48;
using Number = std::array<std::uint8_t, kSize>;

struct Point {
  Number x{};
  Number y{};
  friend bool operator==(const Point&, const Point&) = default;
};

struct Signature {
  Number r{};
  Number s{};
};

// The uncompressed form of SEC 1, section 2.3.3.
inline constexpr std::size_t kEncodedPointSize = 1 + 2 * kSize;
using EncodedPoint = std::array<std::uint8_t, kEncodedPointSize>;

[[nodiscard]] EncodedPoint encode(const Point& point) noexcept;
[[nodiscard]] Point decode(const EncodedPoint& encoded) noexcept;

}  // namespace oskbc::owner::p384
