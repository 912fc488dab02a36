// SPDX-License-Identifier: Apache-2.0
#include "owner/p384.h"

#include <algorithm>

namespace oskbc::owner::p384 {
namespace {

constexpr std::uint8_t kUncompressed = 4;

}  // namespace

EncodedPoint encode(const Point& point) noexcept {
  EncodedPoint encoded{kUncompressed};
  std::ranges::copy(point.x, encoded.begin() + 1);
  std::ranges::copy(point.y, encoded.begin() + 1 + kSize);
  return encoded;
}

Point decode(const EncodedPoint& encoded) noexcept {
  const core::ByteView bytes = encoded;
  Point point;
  std::ranges::copy(bytes.subspan(1, kSize), point.x.begin());
  std::ranges::copy(bytes.subspan(1 + kSize), point.y.begin());
  return point;
}

}  // namespace oskbc::owner::p384
