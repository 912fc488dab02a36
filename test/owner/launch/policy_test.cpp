// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/policy.h"

#include "support/catch.h"

using namespace oskbc::owner;

TEST_CASE("a policy is told by its bits' names") {
  CHECK(policy::describe(0) == "0x0 (no bits set)");
  CHECK(policy::describe(1) == "0x1 (NODBG)");
  CHECK(policy::describe(5) == "0x5 (NODBG, ES)");
  CHECK(policy::describe(0x3f) == "0x3f (NODBG, NOKS, ES, NOSEND, DOMAIN, SEV)");
  CHECK(policy::describe(0x16000037) ==
        "0x16000037 (NODBG, NOKS, ES, DOMAIN, SEV, API 0.22 or later)");
  CHECK(policy::describe(0x33010000) == "0x33010000 (API 1.51 or later)");
  CHECK(policy::describe(0x40) == "0x40 (reserved bits 0x40)");
}

TEST_CASE("the least firmware is in the upper half") {
  CHECK(policy::min_api_major(0xff010000) == 1);
  CHECK(policy::min_api_minor(0xff010000) == 255);
}

TEST_CASE("debugging and reserved bits are warned of") {
  CHECK(policy::warnings(1).empty());
  CHECK(policy::warnings(0x16000037).empty());
  CHECK(policy::warnings(0).size() == 1);
  CHECK(policy::warnings(0x8001).size() == 1);
  CHECK(policy::warnings(0x8000).size() == 2);
}
