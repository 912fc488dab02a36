// SPDX-License-Identifier: Apache-2.0
#include "common/json.h"

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/catch.h"

using oskbc::tools::Json;
using std::string_literals::operator""s;

TEST_CASE("values of every kind are written as JSON has them") {
  CHECK(Json("text").line() == R"("text")");
  CHECK(Json("text"s).line() == R"("text")");
  CHECK(Json(std::string_view("text")).line() == R"("text")");
  CHECK(Json(true).line() == "true");
  CHECK(Json(false).line() == "false");
  CHECK(Json(-7).line() == "-7");
  CHECK(Json(std::numeric_limits<std::int64_t>::min()).line() == "-9223372036854775808");
  CHECK(Json(std::numeric_limits<std::uint32_t>::max()).line() == "4294967295");
  CHECK(Json(std::numeric_limits<std::uint64_t>::max()).line() == "18446744073709551615");
  CHECK(Json::object().line() == "{}");
  CHECK(Json::array().line() == "[]");
}

TEST_CASE("members and elements keep their order, and nest") {
  Json object = Json::object({{"z", 1}, {"a", Json::array_of(std::vector<std::string>{"x", "y"})}});
  object.set("m", Json::object({{"inner", true}}));
  object.set("b", Json::array().append(1).append("two"));
  CHECK(object.line() == R"({"z":1,"a":["x","y"],"m":{"inner":true},"b":[1,"two"]})");
}

TEST_CASE("a member that is set again has the last value") {
  CHECK(Json::object({{"a", 1}, {"b", 2}}).set("a", 3).line() == R"({"a":3,"b":2})");
}

TEST_CASE("a document has a line for each value, and ends with one") {
  CHECK(Json::object({{"a", Json::array_of(std::set<int>{2, 1})}}).document() ==
        "{\n  \"a\": [\n    1,\n    2\n  ]\n}\n");
}

TEST_CASE("every byte of a text comes back, and what is not UTF-8 is replaced") {
  std::string text;
  for (int byte = 0; byte < 128; ++byte) text += static_cast<char>(byte);
  CHECK(nlohmann::json::parse(Json(text).line()) == text);
  CHECK(Json("a\xff"s).line() == "\"a\xef\xbf\xbd\"");
  CHECK(Json("\xc3\xa4"s).line() == "\"\xc3\xa4\"");
  CHECK(Json("\xc3"s).document() == "\"\xef\xbf\xbd\"\n");
}

TEST_CASE("a copy is a value of its own") {
  const Json first = Json::object({{"a", 1}});
  Json second = first;
  second.set("b", 2);
  Json third = std::move(second);
  CHECK(first.line() == R"({"a":1})");
  CHECK(third.line() == R"({"a":1,"b":2})");
  third = first;
  CHECK(third.line() == R"({"a":1})");
}
