// SPDX-License-Identifier: Apache-2.0
#include "owner/printable.h"

#include "support/catch.h"

using oskbc::owner::printable;

TEST_CASE("text keeps what a terminal only shows") {
  CHECK(printable("default/key/1 \xc3\xa9") == "default/key/1 \xc3\xa9");
}

TEST_CASE("text loses what a terminal would act on") {
  CHECK(printable("\x1b[2J\n\x7f") == "\\x1b[2J\\x0a\\x7f");
  CHECK(printable({"\0", 1}) == "\\x00");
}
