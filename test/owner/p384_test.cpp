// SPDX-License-Identifier: Apache-2.0
#include "owner/p384.h"

#include "support/catch.h"

using namespace oskbc::owner::p384;

TEST_CASE("a point is encoded as a 4, x and y") {
  Point point;
  point.x.fill(0x11);
  point.y.fill(0x22);
  const EncodedPoint encoded = encode(point);
  CHECK(encoded[0] == 4);
  CHECK(encoded[1] == 0x11);
  CHECK(encoded[kSize] == 0x11);
  CHECK(encoded[kSize + 1] == 0x22);
  CHECK(encoded.back() == 0x22);
  CHECK(decode(encoded) == point);
}
