// SPDX-License-Identifier: Apache-2.0
#include "luks/metadata.h"

#include <string>

#include "support/catch.h"
#include "support/refused.h"

namespace oskbc::metadata_test {

using luks::Value;

namespace {

std::string refusal(const std::string& json) {
  return test::refusal_of([&] { static_cast<void>(Value::parse(json)); });
}

}  // namespace

TEST_CASE("values are what they are, and are called after where they stand") {
  const Value all = Value::parse(R"({"keyslots":{"0":{"area":{"offset":"32768"},"key_size":64}}})");
  const Value& keyslot = all.at("keyslots").numbered()[0].second;
  CHECK(keyslot.name() == "keyslot 0");
  CHECK(keyslot.at("area").name() == "area of keyslot 0");
  CHECK(keyslot.at("key_size").number() == 64);
  CHECK(keyslot.at("area").at("offset").number_in_text() == 32768);
  CHECK(all.find("tokens") == nullptr);
}

TEST_CASE("another kind, or none, is refused by its name") {
  const Value all = Value::parse(R"({"a":"7","b":7,"c":[],"d":-7,"e":true,"f":"007"})");
  CHECK(test::refusal_of([&] { (void)all.at("a").number(); }) == "a is no whole number");
  CHECK(test::refusal_of([&] { (void)all.at("b").text(); }) == "b is no text");
  CHECK(test::refusal_of([&] { (void)all.at("c").numbered(); }) == "c is no object");
  CHECK(test::refusal_of([&] { (void)all.at("d").number(); }) == "d is no whole number");
  CHECK(test::refusal_of([&] { (void)all.at("e").array(); }) == "e is no array");
  CHECK(test::refusal_of([&] { (void)all.at("f").number_in_text(); }) == "f is no whole number");
  CHECK(test::refusal_of([&] { (void)all.at("g"); }) == "the header has no g");
  CHECK(test::refusal_of([&] {
          all.only({"a", "b"});
        }) == "the header has a member that is not known here: c");
  CHECK(test::refusal_of([&] { (void)all.numbered(); }) ==
        "the header has a member whose name is no number");
}

TEST_CASE("what json-c would read otherwise is refused") {
  CHECK_THAT(refusal(R"({"a":1,"a":2})"), Catch::ContainsSubstring("a member twice"));
  CHECK_THAT(refusal("{\"a\\u0000b\":1}"), Catch::ContainsSubstring("does not write"));
  CHECK_THAT(refusal("{\"a\":\"\\u0061\"}"), Catch::ContainsSubstring("does not write"));
  CHECK_THAT(refusal("{\"a\":\"\xc3\xa4\"}"), Catch::ContainsSubstring("does not write"));
  CHECK_THAT(refusal(R"({"A":1})"), Catch::ContainsSubstring("strange name"));
  CHECK_THAT(refusal(R"({"":1})"), Catch::ContainsSubstring("strange name"));
  for (const char* json :
       {"", "{", "{'a':1}", R"({"a":1,})", R"({"a":01})", "{} {}", R"(/**/{})"}) {
    INFO(json);
    CHECK(refusal(json) != "");
  }
}

TEST_CASE("size and depth are bounded") {
  CHECK_THAT(refusal(std::string((64 << 10) + 1, ' ')), Catch::ContainsSubstring("more than"));
  CHECK_THAT(refusal(std::string(1000, '[')), Catch::ContainsSubstring("too deeply"));
}

}  // namespace oskbc::metadata_test
