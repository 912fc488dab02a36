// SPDX-License-Identifier: Apache-2.0
#include "common/text.h"

#include "support/catch.h"

namespace oskbc::text_test {

using oskbc::tools::printable;

TEST_CASE("hexadecimal text is read in both cases and written in the lower") {
  CHECK(tools::from_hex("00fFAa90") == core::Bytes{0x00, 0xff, 0xaa, 0x90});
  CHECK(tools::to_hex(core::Bytes{0x00, 0xff, 0xaa, 0x90}) == "00ffaa90");
  CHECK(tools::from_hex("") == core::Bytes{});
}

TEST_CASE("what is not pairs of digits is no hexadecimal text") {
  for (const char* text : {"0", "000", "0g", "0x00", " 00", "00 ", "00:11", "\xc3\xa9"}) {
    CHECK_FALSE(tools::from_hex(text));
  }
}

TEST_CASE("a byte's place is told for people") {
  const std::string_view text = "ab\ncd\n";
  CHECK(tools::position_in("F", text, 0) == "F, line 1, column 1");
  CHECK(tools::position_in("F", text, 2) == "F, line 1, column 3");
  CHECK(tools::position_in("F", text, 4) == "F, line 2, column 2");
  CHECK(tools::position_in("F", text, 99) == "F, line 3, column 1");
}

TEST_CASE("text keeps what a terminal only shows") {
  CHECK(printable("default/key/1 \xc3\xa9") == "default/key/1 \xc3\xa9");
}

TEST_CASE("text loses what a terminal would act on") {
  CHECK(printable("\x1b[2J\n\x7f") == "\\x1b[2J\\x0a\\x7f");
  CHECK(printable({"\0", 1}) == "\\x00");
}

}  // namespace oskbc::text_test
