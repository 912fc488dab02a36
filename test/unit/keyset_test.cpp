// SPDX-License-Identifier: Apache-2.0
#include "format/keyset.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/status.h"
#include "format/base64.h"
#include "support/catch.h"
#include "unit/failure.h"
#include "unit/test_bytes.h"

namespace oskbc::keyset_test {

using core::Keyset;
using core::Status;
using test::failure_of;
using namespace std::string_literals;

namespace {

// Throw-away keys: bytes that count up.
constexpr const char* kKeyInBase64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

std::string value_of(const Keyset& keyset, std::string_view id) {
  const auto* entry = keyset.find(id);
  return entry ? std::string(core::as_text(keyset.expose_value(*entry))) : "(none)";
}

std::string refusal(std::string_view text) {
  const auto failure = failure_of([text] { static_cast<void>(Keyset::parse(text)); });
  if (failure.status != Status::keyset) FAIL_CHECK("not refused as a keyset");
  return failure.text;
}

std::string bad_entry(int number, const char* why) {
  return "entry " + std::to_string(number) + " of the keyset is malformed: " + why;
}

constexpr const char* kNotBase64 = "the value is not canonical base64";
constexpr const char* kThereAlready = "the id is there already";

}  // namespace

TEST_CASE("a keyset holds each id with its decoded value") {
  const Keyset keyset = Keyset::parse(R"({"key_id1":")"s + kKeyInBase64 + R"(","b":"QUJD"})");
  REQUIRE(keyset.size() == 2);
  CHECK(value_of(keyset, "key_id1") == core::as_text(test::counting(32)));
  CHECK(value_of(keyset, "b") == "ABC");
}

TEST_CASE("an empty object is a keyset without keys") {
  for (const char* text : {"{}", " {\n} "}) {
    const Keyset keyset = Keyset::parse(text);
    CHECK(keyset.size() == 0);
    CHECK_FALSE(keyset.find("MARKER"));
    CHECK_FALSE(keyset.find(""));
    CHECK(keyset.protection().locked);
  }
  CHECK(Keyset().size() == 0);
  CHECK_FALSE(Keyset().find("a"));
  CHECK(Keyset().protection().locked);
}

TEST_CASE("ids come sorted by bytes, and each has its own value") {
  const Keyset keyset = Keyset::parse(
      R"({"b":"Qg==","a/b/c":"QUJD","":"RQ==","B":"QkI=","\u00e9":"RUVF","ab":"QUI=","a":"QQ=="})");
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < keyset.size(); ++i) ids.emplace_back(keyset.id(i));
  CHECK(ids == std::vector<std::string>{"", "B", "a", "a/b/c", "ab", "b", "\xc3\xa9"});
  CHECK(value_of(keyset, "") == "E");
  CHECK(value_of(keyset, "B") == "BB");
  CHECK(value_of(keyset, "a") == "A");
  CHECK(value_of(keyset, "a/b/c") == "ABC");
  CHECK(value_of(keyset, "ab") == "AB");
  CHECK(value_of(keyset, "b") == "B");
  CHECK(value_of(keyset, "\xc3\xa9") == "EEE");
}

TEST_CASE("ids that differ late, early or by their length alone are sorted and found") {
  // What all start with, and the eight bytes after it, are looked at apart from the rest.
  const std::vector<std::string> sorted = {
      "common/",          "common/12345678", "common/123456780", "common/123456789",
      "common/12345678a", "common/1234567z", "common/2",         "common/22",
      "common/\x7f",      "common/\xc3\xa9"};
  std::string text;
  for (auto id = sorted.rbegin(); id != sorted.rend(); ++id) {
    text += (text.empty() ? "{\"" : ",\"") + *id + "\":\"QUJD\"";
  }
  const Keyset keyset = Keyset::parse(text + "}");
  REQUIRE(keyset.size() == sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    CHECK(keyset.id(i) == sorted[i]);
    CHECK(keyset.id(i).data()[sorted[i].size()] == '\0');
    CHECK(keyset.id(*keyset.find(sorted[i])) == sorted[i]);
    CHECK_FALSE(keyset.find(sorted[i] + "!"));
  }
  for (const char* id : {"", "common", "commoo/2", "common/1", "common/123456788", "common/3"}) {
    CHECK_FALSE(keyset.find(id));
  }
}

TEST_CASE("a repeated id that differs from others late only is noticed, and the later one named") {
  CHECK(refusal(R"({"k/12345678b":"QQ==","k/12345678a":"QQ==","k/12345678b":"QQ==","z":"QQ=="})") ==
        bad_entry(3, kThereAlready));
}

TEST_CASE("values are decoded over the text that is given away, and only they are left in it") {
  constexpr std::string_view kText = R"({"a":"QUJD","b":"","c":"\u0051UJDREVG"}  )";
  core::SecretBytes text(kText.size());
  std::copy(kText.begin(), kText.end(), text.expose_writable().begin());
  const std::uint8_t* start = text.expose().data();
  const Keyset keyset = Keyset::parse(std::move(text));
  CHECK(value_of(keyset, "a") == "ABC");
  CHECK(value_of(keyset, "b").empty());
  CHECK(value_of(keyset, "c") == "ABCDEF");
  CHECK(keyset.expose_value(*keyset.find("a")).data() == start);
  CHECK(std::all_of(start + 9, start + kText.size(), [](std::uint8_t byte) { return byte == 0; }));
}

TEST_CASE("an id is found as it stands only") {
  const Keyset keyset = Keyset::parse(R"({"default/key/key_id1":"QQ==","key_id2":"Qg=="})");
  for (const char* id : {"", "key_id1", "/default/key/key_id1", "kbs:///default/key/key_id1",
                         "default/key/key_id", "default/key/key_id1 ", "DEFAULT/key/key_id1",
                         "Key_id2", "key_id", "key_id22", "key%5fid2", "zzz"}) {
    CHECK_FALSE(keyset.find(id));
  }
  CHECK_FALSE(keyset.find("key_id2\0"s));
  CHECK(keyset.find("key_id2"));
}

TEST_CASE("values may have any length, none included") {
  for (std::size_t size = 0; size < 70; ++size) {
    const core::Bytes value = test::counting(size, 200);
    const Keyset keyset =
        Keyset::parse("{\"a\":\"" + core::base64::encode(value) + "\",\"b\":\"QUJD\"}");
    CHECK(value_of(keyset, "a") == core::as_text(value));
    CHECK(value_of(keyset, "b") == "ABC");
  }
}

TEST_CASE("escapes in ids and values are decoded first") {
  const Keyset keyset = Keyset::parse(R"({"default\/key\/\u006b1":"\u0051UJD","b":"QUI\u003d"})");
  CHECK(value_of(keyset, "default/key/k1") == "ABC");
  CHECK(value_of(keyset, "b") == "AB");
  CHECK(value_of(Keyset::parse(R"({"a":"\/\/\/\/"})"), "a") == "\xff\xff\xff");
}

TEST_CASE("white space and NULs may follow the object, for injectors pad") {
  const std::string text = R"({"a":"QQ=="})";
  for (const std::string& tail :
       {"\n"s, "\0"s, "\0\0\0\0"s, "\n\0\0"s, "\0\n\0"s, " \t\r\n"s, std::string(3000, '\0')}) {
    CHECK(value_of(Keyset::parse(text + tail), "a") == "A");
  }
  CHECK(value_of(Keyset::parse(" \r\n\t" + text), "a") == "A");
}

TEST_CASE("anything else around the object refuses the keyset") {
  const std::string text = R"({"a":"TUFSS0VS"})";
  for (const std::string& tail : {"x"s, "\0x"s, "\0 \0{}"s, "{}"s, ","s, "}"s, "\v"s, "\xff"s}) {
    CHECK_THAT(refusal(text + tail), Catch::EndsWith("text after the end"));
  }
  for (const std::string& head : {"x"s, "\0"s, "\xef\xbb\xbf"s, "\xff\xfe"s, "["s, ","s, "#\n"s}) {
    CHECK_FALSE(refusal(head + text).empty());
  }
}

TEST_CASE("no text, or only padding, is no keyset") {
  for (const std::string& text : {""s, " \n"s, "\0"s, std::string(3000, '\0')}) {
    CHECK_THAT(refusal(text), Catch::EndsWith("it is empty"));
  }
}

TEST_CASE("only an object is a keyset") {
  for (const char* text : {"[]", "null", "1", "\"MARKER\"", "[\"MARKER\",\"TUFSS0VS\"]", "true",
                           "TUFSS0VS", "{", "{\"MARKER\"", "{\"MARKER\":", "{\"a\":\"TUFSS0VS\"",
                           "{\"a\":\"TUFSS0VS\",}", "{\"a\":\"TUFSS0VS", "{'a':'TUFSS0VS'}"}) {
    INFO(text);
    CHECK_FALSE(refusal(text).empty());
  }
}

TEST_CASE("a value that is no string refuses the set and names the entry's number") {
  for (const char* value : {"271828", "-271828", "true", "false", "null", "[]", "[271828]",
                            "{\"k\":\"TUFSS0VS\"}", "{}", "[[\"TUFSS0VS\"]]"}) {
    CHECK(refusal(R"({"a":"QQ==","MARKER":)"s + value + "}") ==
          bad_entry(2, "the value is not a string"));
  }
}

TEST_CASE("a value that is not canonical base64 refuses the set and names the entry's number") {
  for (const char* value : {"TUFSS0V",
                            "TUFSS0VS=",
                            "TUFSS0VS====",
                            "TUFSS0VS ",
                            " TUFSS0VS",
                            "TUFSS0VS\\n",
                            "TUFS\\nS0VS",
                            "TUFSS0V*",
                            "TUFSS0V-",
                            "TUFSS0V_",
                            "QQ",
                            "QQ=",
                            "QR==",
                            "QUJ=",
                            "MARKER",
                            "MARKERS\\u00e9",
                            "MARKERS\xc3\xa9",
                            "MARKER\\u0000\\u0000",
                            "====",
                            "="}) {
    INFO(value);
    CHECK(refusal(R"({"a":"QQ==","b":"","c":")"s + value + R"(","d":"QQ=="})") ==
          bad_entry(3, kNotBase64));
  }
}

TEST_CASE("an id with a NUL refuses the set and names the entry's number") {
  CHECK(refusal(R"({"a":"QQ==","MARKER\u0000":"QQ=="})") == bad_entry(2, "the id holds a NUL"));
  CHECK(refusal(R"({"\u0000":"QQ=="})") == bad_entry(1, "the id holds a NUL"));
}

TEST_CASE("a repeated id refuses the set and names the later entry's number") {
  CHECK(refusal(R"({"MARKER":"QQ==","MARKER":"QQ=="})") == bad_entry(2, kThereAlready));
  CHECK(refusal(R"({"z":"QQ==","b":"QQ==","a":"QQ==","z":"Qg=="})") == bad_entry(4, kThereAlready));
  CHECK(refusal(R"({"b":"QQ==","a":"QQ==","b":"Qg==","c":"QQ=="})") == bad_entry(3, kThereAlready));
  CHECK(refusal(R"({"":"QQ==","":"QQ=="})") == bad_entry(2, kThereAlready));
}

TEST_CASE("an id that is written in another way is still the same id") {
  CHECK(refusal(R"({"ab":"QQ==","\u0061b":"QQ=="})") == bad_entry(2, kThereAlready));
  CHECK(refusal(R"({"a/b":"QQ==","a\/b":"QQ=="})") == bad_entry(2, kThereAlready));
  CHECK(refusal("{\"\xc3\xa9\":\"QQ==\",\"\\u00e9\":\"QQ==\"}") == bad_entry(2, kThereAlready));
  // No normalisation and no case folding: these are two.
  CHECK(Keyset::parse("{\"\xc3\xa9\":\"QQ==\",\"e\xcc\x81\":\"QQ==\"}").size() == 2);
  CHECK(Keyset::parse(R"({"a":"QQ==","A":"QQ=="})").size() == 2);
}

TEST_CASE("a keyset may have one MiB of text and no byte more") {
  std::string text = R"({"a":"QQ=="})";
  text.resize(core::limits::kKeysetText, ' ');
  CHECK(core::limits::kKeysetText == std::size_t{1} << 20);
  CHECK(Keyset::parse(text).size() == 1);
  text += ' ';
  CHECK(refusal(text) == "the keyset has more than 1048576 bytes");
}

TEST_CASE("a keyset of many entries has them all") {
  constexpr std::size_t kMany = 20000;
  std::string text = "{";
  for (std::size_t i = 0; i < kMany; ++i) {
    const std::string number = std::to_string(i);
    text += (i == 0 ? "\"" : ",\"") + number + "\":\"";
    text += core::base64::encode(core::as_bytes(number)) + "\"";
  }
  const Keyset keyset = Keyset::parse(text + "}");
  REQUIRE(keyset.size() == kMany);
  int wrong = 0;
  for (std::size_t i = 0; i < kMany; ++i) {
    if (value_of(keyset, std::to_string(i)) != std::to_string(i)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("a keyset of digits or brackets only is refused") {
  constexpr std::size_t kMany = core::limits::kKeysetText;
  for (const char c : {'1', '[', '{', '"', '\\', ','}) {
    CHECK_FALSE(refusal(std::string(kMany, c)).empty());
  }
}

TEST_CASE("a value that is none is not read, however long or deep it is") {
  // That the rest is no JSON at all does not show, so nothing was spent on it.
  constexpr std::size_t kMany = 1000000;
  for (const std::string& value :
       {std::string(kMany, '9'), std::string(kMany, '['), "-"s + std::string(kMany, '0'),
        std::string(100000, '[') + std::string(100000, ']'), "{\"a\":"s + std::string(kMany, '{'),
        "NaN"s, "Infinity"s, "-Infinity"s, "nan"s, "True"s, "undefined"s, "MARKER"s, "'QQ=='"s}) {
    CHECK(refusal(R"({"a":"QQ==","MARKER":)" + value + "}") ==
          bad_entry(2, "the value is not a string"));
  }
}

TEST_CASE("where the text stops being JSON is where reading stops") {
  // The position is the same whatever a megabyte has after it.
  const std::string rest(1000000, '[');
  for (const auto& [start, position] : {std::pair{R"({"a":"QQ==",})"s, 12},
                                        {R"({"a":"QQ==" "b":"QQ=="})"s, 12},
                                        {R"({"a":"QQ==",/**/"b":"QQ=="})"s, 12},
                                        {"{\"a\":\"QQ==\"//\n}"s, 11},
                                        {"{\"a\":\"QQ==\"\v}"s, 11},
                                        {"{\"a\0b\":\"QQ==\"}"s, 3},
                                        {"{\"a\nb\":\"QQ==\"}"s, 3},
                                        {"{\"a\":\"QQ\x1f==\"}"s, 8},
                                        {"{\"a\":\"QQ\xff==\"}"s, 8},
                                        {"{\"a\":\"QQ\xed\xa0\x80==\"}"s, 8},
                                        {R"({"a":"QQ\ud83d=="})"s, 14},
                                        {R"({"a":"QQ\udd11=="})"s, 14},
                                        {R"({"a":"QQ\x3d="})"s, 9}}) {
    INFO(start);
    CHECK_THAT(refusal(start + rest), Catch::StartsWith("the keyset is malformed at byte " +
                                                        std::to_string(position) + ":"));
  }
}

TEST_CASE("white space of every kind may stand between any two tokens") {
  const std::vector<std::string> tokens = {"{",     "\"a\"", ":",        "\"QQ==\"", ",",
                                           "\"b\"", ":",     "\"Qg==\"", "}"};
  for (const std::string& space : {" "s, "\t"s, "\n"s, "\r"s, " \t\r\n \t\r\n"s}) {
    for (std::size_t gap = 0; gap <= tokens.size(); ++gap) {
      std::string text;
      for (std::size_t i = 0; i < tokens.size(); ++i) text += (i == gap ? space : "") + tokens[i];
      const Keyset keyset = Keyset::parse(text + (gap == tokens.size() ? space : ""));
      CHECK(value_of(keyset, "a") == "A");
      CHECK(value_of(keyset, "b") == "B");
    }
  }
}

TEST_CASE("the members of a keyset may come in any order") {
  std::vector<std::string> members = {R"("a":"QQ==")", R"("b":"Qg==")", R"("c":"Qw==")",
                                      R"("":"QUJD")"};
  std::sort(members.begin(), members.end());
  int orders = 0;
  do {
    const Keyset keyset = Keyset::parse("{" + members[0] + "," + members[1] + "," + members[2] +
                                        "," + members[3] + "}");
    CHECK(keyset.id(0).empty());
    CHECK(value_of(keyset, "") == "ABC");
    CHECK(value_of(keyset, "c") == "C");
    ++orders;
  } while (std::next_permutation(members.begin(), members.end()));
  CHECK(orders == 24);
}

TEST_CASE("every character of an id may be written as an escape, in either case of its digits") {
  for (unsigned c = 1; c < 0x80; ++c) {
    char lower[7];
    char upper[7];
    std::snprintf(lower, sizeof lower, "\\u%04x", c);
    std::snprintf(upper, sizeof upper, "\\u%04X", c);
    const std::string id = "x" + std::string(1, static_cast<char>(c));
    for (const char* escape : {lower, upper}) {
      CHECK(value_of(Keyset::parse("{\"x"s + escape + "\":\"QQ==\"}"), id) == "A");
    }
  }
  // The last code points of one, two, three and four bytes, and the first after each.
  const Keyset keyset = Keyset::parse(
      R"({"\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\ud800\udc00\uDBFF\uDFFF":"QQ=="})");
  CHECK(value_of(keyset,
                 "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
                 "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf") == "A");
}

TEST_CASE("every character of a value may be written as an escape") {
  std::string text = "{\"a\":\"";
  for (const char c : "QUJD+/8="s) {
    char escape[7];
    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(c));
    text += escape;
  }
  CHECK(value_of(Keyset::parse(text + "\"}"), "a") == "ABC\xfb\xff");
}

TEST_CASE("a moved keyset keeps its entries") {
  Keyset from = Keyset::parse(R"({"a":"QQ==","b":"Qg=="})");
  const Keyset to = std::move(from);
  CHECK(to.size() == 2);
  CHECK(value_of(to, "b") == "B");
}

TEST_CASE("a kid finds the id as it stands before its path is looked for") {
  const auto keyset = Keyset::parse(R"({"kbs:///a/b/c":"AA==","a/b/c":"AAA="})");
  REQUIRE(keyset.find_key("kbs:///a/b/c"));
  CHECK(keyset.id(*keyset.find_key("kbs:///a/b/c")) == "kbs:///a/b/c");
  CHECK(keyset.id(*keyset.find_key("kbs://host/a/b/c")) == "a/b/c");
  CHECK(keyset.id(*keyset.find_key("/a/b/c")) == "a/b/c");
  CHECK_FALSE(keyset.find_key("b/c"));
}

}  // namespace oskbc::keyset_test
