// SPDX-License-Identifier: Apache-2.0
#include "owner/secret_text.h"

#include <string>

#include "support/catch.h"

using oskbc::owner::SecretText;

TEST_CASE("secret text grows to any length and comes out exact") {
  SecretText text;
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    text.append(std::to_string(i));
    expected += std::to_string(i);
  }
  CHECK(text.take().expose_text() == expected);
  CHECK(text.take().empty());
}

TEST_CASE("secret text can be taken and begun anew") {
  SecretText text;
  text.append("first");
  CHECK(text.take().expose_text() == "first");
  text.append("");
  text.append("second");
  CHECK(text.take().expose_text() == "second");
}
