// SPDX-License-Identifier: Apache-2.0
#include "owner/crypto/random.h"

#include "support/catch.h"

namespace oskbc::random_test {

TEST_CASE("random bytes differ") {
  owner::SystemRandom random;
  core::Bytes a(32);
  core::Bytes b(32);
  random.fill(a);
  random.fill(b);
  CHECK(a != b);
  CHECK(a != core::Bytes(32));
  core::Bytes none;
  random.fill(none);
}

}  // namespace oskbc::random_test
