// SPDX-License-Identifier: Apache-2.0
#include "owner/hex.h"

#include "support/catch.h"

using namespace oskbc;

TEST_CASE("hexadecimal text is read in both cases and written in the lower") {
  CHECK(owner::from_hex("00fFAa90") == core::Bytes{0x00, 0xff, 0xaa, 0x90});
  CHECK(owner::to_hex(core::Bytes{0x00, 0xff, 0xaa, 0x90}) == "00ffaa90");
  CHECK(owner::from_hex("") == core::Bytes{});
}

TEST_CASE("what is not pairs of digits is no hexadecimal text") {
  for (const char* text : {"0", "000", "0g", "0x00", " 00", "00 ", "00:11", "\xc3\xa9"}) {
    CHECK_FALSE(owner::from_hex(text));
  }
}
