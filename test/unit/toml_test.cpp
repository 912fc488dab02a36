// SPDX-License-Identifier: Apache-2.0
#include "common/toml.h"

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::toml_test {

using core::Status;
using tools::TomlText;

TEST_CASE("values are found by their paths") {
  const TomlText text("a = \"x\"\n[b.c]\nd = true\n'e' = '''\ny'''\n", "x.toml");
  CHECK(text.string("a") == "x");
  CHECK(text.boolean("b.c.d") == true);
  CHECK(text.string("b.c.e") == "y");
  CHECK_FALSE(text.string("b.a"));
  CHECK_FALSE(text.boolean("a.b.c"));
  CHECK(text.has_table("b"));
  CHECK(text.has_table("b.c"));
  CHECK_FALSE(text.has_table("a"));
  CHECK_FALSE(text.has_table("z"));
}

TEST_CASE("a value of another type is refused by its name") {
  const TomlText text("a = 1\nb = \"true\"\n[c]\n", "x.toml");
  const auto failure = test::failure_of([&] { static_cast<void>(text.string("a")); });
  CHECK(failure.status == Status::argument);
  CHECK_THAT(failure.text, Catch::ContainsSubstring("a in x.toml"));
  CHECK(test::status_of([&] { static_cast<void>(text.boolean("b")); }) == Status::argument);
  CHECK(test::status_of([&] { static_cast<void>(text.string("c")); }) == Status::argument);
}

TEST_CASE("what is no TOML is refused with its position, and not shown") {
  for (const std::string& text :
       {std::string("a = 1\nb = MARKER\n"), std::string("a = 1\n\"\xff\" = 1\n"),
        std::string("a = 1\na.b = 1\n"), std::string("a = 1\n[") + std::string(100'000, '[')}) {
    const auto failure = test::failure_of([&] { const TomlText toml(text, "x.toml"); });
    CHECK(failure.status == Status::argument);
    CHECK_THAT(failure.text, Catch::ContainsSubstring("x.toml is not TOML: look at line 2"));
  }
}

TEST_CASE("deep nesting is refused, not followed") {
  std::string text = "a = ";
  text.append(100'000, '[');
  CHECK(test::status_of([&] { const TomlText toml(text, "x"); }) == Status::argument);
}

TEST_CASE("an array of tables is read as records of texts") {
  const TomlText text("[[rule]]\na = \"1\"\nb = \"2\"\n[[rule]]\na = \"3\"\n[other]\n", "file");
  const auto records = text.records("rule");
  REQUIRE(records.size() == 2);
  CHECK(records[0].at("b") == "2");
  CHECK(records[1].at("a") == "3");
  CHECK(records[1].size() == 1);
  CHECK(text.records("none").empty());
  for (const char* wrong :
       {"rule = 1", "[rule]", "rule = [1]", "[[rule]]\na = 1", "[[rule]]\na = []"}) {
    INFO(wrong);
    CHECK(test::status_of([&] { (void)TomlText(wrong, "file").records("rule"); }) ==
          core::Status::argument);
  }
}

}  // namespace oskbc::toml_test
