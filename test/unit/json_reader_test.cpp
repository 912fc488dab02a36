// SPDX-License-Identifier: Apache-2.0
#include "format/json_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::json_reader_test {

using core::Bytes;
using core::JsonReader;
using core::JsonString;
using core::Status;
using test::failure_of;
using test::status_of;
using namespace std::string_literals;

namespace {

// The status and the name of the text are the caller's; these are some.
JsonReader reader_of(std::string_view text) { return {text, Status::keyset, "text"}; }

void read_value(std::string_view text) {
  JsonReader reader = reader_of(text);
  reader.skip_value();
  reader.finish();
}

bool is_accepted(std::string_view text) {
  const Status status = status_of([text] { read_value(text); });
  if (status != Status::ok && status != Status::keyset) FAIL_CHECK("another status");
  return status == Status::ok;
}

JsonString string_of(std::string_view text) {
  JsonReader reader = reader_of(text);
  const JsonString string = reader.string();
  reader.finish();
  return string;
}

std::string decoded(std::string_view text) { return core::to_string(string_of(text)); }

// Where the reader says that the text is malformed.
std::string complaint(std::string_view text) {
  return failure_of([text] { read_value(text); }).text;
}

std::string at(std::size_t position, const char* why) {
  return "the text is malformed at byte " + std::to_string(position) + ": " + why;
}

std::string nested(std::size_t depth, const char* open, const char* close,
                   const std::string& inside = "") {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += inside;
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

// Packed by hand: one text a line would fill pages.
// clang-format off

// What RFC 8259 has. Names that repeat are JSON too; what they mean is the caller's affair.
const std::string kAllowed[] = {
    "null"s, "true"s, "false"s, "0"s, "-0"s, "1"s, "-1"s, "10"s, "1234567890"s, "0.0"s, "-0.5"s,
    "1.50"s, "1e1"s, "1E1"s, "1e+1"s, "1e-1"s, "0e0"s, "-1.25E-08"s, "1e99999"s,
    "123456789012345678901234567890"s, "\"\""s, "\"a\""s, "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""s,
    "\"\\u0000\""s, "\"\\u00e9\\u00E9\""s, "\"\\ud83d\\udd11\""s, "\"\x7f\""s,
    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91\""s, "\"\xef\xbb\xbf\""s, "\"\xe2\x80\xa8\""s, "\"'\""s,
    "[]"s, "[ ]"s, "[1]"s, "[1,2]"s, "[null,true,false,\"\",[],{}]"s, "{}"s, "{ }"s, "{\"\":0}"s,
    "{\"a\":{\"a\":[{\"a\":0}]}}"s, "{\"a\":1,\"b\":2}"s,
    " \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n"s, " { \"a\" : 1 , \"b\" : [ ] } "s,
    "{\"a\":1,\"a\":2}"s};

// Words, numbers and brackets that it does not have.
const std::string kOtherTokens[] = {
    ""s, " "s, "nul"s, "nulll"s, "Null"s, "NULL"s, "True"s, "tru"s, "fals"s, "falsee"s,
    "undefined"s, "NaN"s, "Infinity"s, "-Infinity"s, "nan"s, "inf"s, "MARKER"s, "+1"s, "-"s, "--1"s,
    "- 1"s, "01"s, "-01"s, "00"s, ".5"s, "1."s, "-.5"s, "1.e1"s, "1e"s, "1e+"s, "1E-"s, "1e1.5"s,
    "1e 1"s, "0x10"s, "1_000"s, "1,000"s, "271828f"s, "0b1"s, "1 2"s, "\xd9\xa1"s, "["s, "]"s,
    "[1"s, "[1,"s, "[1,]"s, "[,1]"s, "[1,,2]"s, "[1 2]"s, "[1;2]"s, "[1}"s, "[,]"s, "[]]"s, "[[]"s,
    "{"s, "}"s, "{\"a\"}"s, "{\"a\":}"s, "{\"a\":1"s, "{\"a\":1,"s, "{\"a\":1,}"s, "{,\"a\":1}"s,
    "{\"a\":1,,\"b\":2}"s, "{\"a\" 1}"s, "{\"a\"=1}"s, "{\"a\":1:2}"s, "{\"a\"::1}"s, "{a:1}"s,
    "{'a':1}"s, "{1:1}"s, "{null:1}"s, "{\"a\":1 \"b\":2}"s, "{\"a\":1]"s, "{}}"s, "{}{}"s, "[][]"s,
    "{\"a\":MARKER}"s, "// c\n1"s, "/* c */1"s, "1 // c"s, "# c\n1"s, "{\"a\":1}MARKER"s,
    "<MARKER/>"s};

// Strings that it does not have.
const std::string kOtherStrings[] = {
    "\""s, "\"MARKER"s, "MARKER\""s, "'MARKER'"s, "\"\\\""s, "\"\\"s, "\"\\a\""s, "\"\\'\""s,
    "\"\\0\""s, "\"\\x41\""s, "\"\\U0041\""s, "\"\\u\""s, "\"\\u004\""s, "\"\\u004"s,
    "\"\\u004g\""s, "\"\\u+041\""s, "\"\\u 041\""s, "\"\\\n\""s, "\"\\\0\""s, "\"\\ud83d\""s,
    "\"\\ud83dMARKER\""s, "\"\\ud83d\\n\""s, "\"\\ud83d\\u0041\""s, "\"\\ud83d\\ud83d\""s,
    "\"\\ud83d\\u\""s, "\"\\udd11\""s, "\"\\udd11\\ud83d\""s, "\"\\ud83d\\"s, "\"\\ud83d\\u"s,
    "\"a\nb\""s, "\"a\tb\""s, "\"a\0b\""s, "\"\x1f\""s, "\"\x80\""s, "\"\xff\""s, "\"\xc3\""s,
    "\"\xc3"s, "\"\xc0\xaf\""s, "\"\xed\xa0\x80\""s, "\"\xf4\x90\x80\x80\""s, "\"\xe2\x82\""s,
    "\"\xf0\x9f\x94\""s};

// clang-format on

// Gives its bytes to write to, and remembers how often it was asked.
struct Destination {
  core::ByteSpan operator()(std::size_t size) {
    ++calls;
    bytes.assign(size, 0xa5);
    return bytes;
  }

  Bytes bytes;
  int calls = 0;
};

Destination numbers(std::string_view text) {
  Destination destination;
  JsonReader reader(text, Status::packet, "text");
  core::read_numbers(reader, [&destination](std::size_t size) { return destination(size); });
  reader.finish();
  return destination;
}

}  // namespace

TEST_CASE("a string ends at its quote, and takes no other byte for one, wherever they are") {
  constexpr std::size_t kLength = 20;
  int wrong = 0;
  for (std::size_t position = 0; position < kLength; ++position) {
    for (int value = 0; value < 256; ++value) {
      std::string text = "\"" + std::string(kLength, 'x') + "\"";
      text[1 + position] = static_cast<char>(value);
      JsonReader reader = reader_of(text);
      const bool stands_alone = value >= 0x20 && value < 0x80 && value != '\\';
      const std::size_t end = value == '"' ? 2 + position : text.size();
      const Status status = status_of([&reader] { static_cast<void>(reader.string()); });
      if ((status == Status::ok) != stands_alone) ++wrong;
      if (stands_alone && reader.position() != end) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("what RFC 8259 allows is accepted") {
  for (const std::string& text : kAllowed) {
    INFO(text);
    CHECK(is_accepted(text));
  }
}

TEST_CASE("words, numbers and brackets that RFC 8259 does not have are refused") {
  for (const std::string& text : kOtherTokens) {
    INFO(text);
    CHECK_FALSE(is_accepted(text));
  }
}

TEST_CASE("strings that RFC 8259 does not have are refused") {
  for (const std::string& text : kOtherStrings) {
    INFO(text);
    CHECK_FALSE(is_accepted(text));
  }
}

TEST_CASE("no other white space, no NUL and no byte order mark stands between tokens") {
  for (const std::string& space : {"\0"s, "\v"s, "\f"s, "\b"s, "\x1a"s, "\xc2\xa0"s,
                                   "\xe2\x80\xa8"s, "\xef\xbb\xbf"s, "\xff\xfe"s, "\\n"s}) {
    CHECK_FALSE(is_accepted(space + "1"));
    CHECK_FALSE(is_accepted("1" + space));
    CHECK_FALSE(is_accepted("[" + space + "1]"));
    CHECK_FALSE(is_accepted("[1" + space + "]"));
    CHECK_FALSE(is_accepted("{" + space + "\"a\":1}"));
  }
}

TEST_CASE("every byte below 0x20 is refused inside a string, and every other ASCII byte is not") {
  for (int c = 0; c < 0x80; ++c) {
    if (c == '"' || c == '\\') continue;
    const std::string text = "\"" + std::string(1, static_cast<char>(c)) + "\"";
    CHECK(is_accepted(text) == (c >= 0x20));
  }
}

TEST_CASE("every escape letter but the nine of RFC 8259 is refused") {
  for (int c = 0; c < 256; ++c) {
    const std::string text = "\"\\" + std::string(1, static_cast<char>(c)) + "0041\"";
    const bool known = c != 0 && std::string_view("\"\\/bfnrtu").find(static_cast<char>(c)) !=
                                     std::string_view::npos;
    // After an escaped quote the string goes on to its end as well.
    CHECK(is_accepted(text) == known);
  }
}

TEST_CASE("every prefix of a text is refused") {
  const std::string text = R"({"a":[-1.5e+10,true,false,null,"\u00e9\ud83d\udd11\n"],"b":{}})";
  REQUIRE(is_accepted(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    if (is_accepted(text.substr(0, size))) FAIL_CHECK(size);
  }
}

TEST_CASE("values nest 32 deep, and not 33") {
  constexpr std::size_t kDeepest = core::limits::kJsonDepth;
  CHECK(kDeepest == 32);
  CHECK(is_accepted(nested(kDeepest, "[", "]")));
  CHECK_FALSE(is_accepted(nested(kDeepest + 1, "[", "]")));
  CHECK(is_accepted(nested(kDeepest, "{\"a\":", "}", "1")));
  CHECK_FALSE(is_accepted(nested(kDeepest + 1, "{\"a\":", "}", "1")));
  CHECK(is_accepted(nested(kDeepest / 2, "[{\"a\":", "}]", "1")));
  CHECK_FALSE(is_accepted(nested(kDeepest / 2, "[{\"a\":", "}]", "[]")));
  // Side by side is not deep.
  CHECK(is_accepted("[" + nested(31, "[", "]") + "," + nested(31, "[", "]") + "]"));
}

TEST_CASE("a hundred thousand nested values are refused, and the stack holds") {
  constexpr std::size_t kMany = 100000;
  CHECK(complaint(nested(kMany, "[", "]")) == at(32, "nested too deep"));
  CHECK(complaint(std::string(kMany, '[')) == at(32, "nested too deep"));
  CHECK_FALSE(is_accepted(nested(kMany, "{\"MARKER\":", "}", "1")));
  CHECK_FALSE(is_accepted(nested(kMany, "[{\"MARKER\":", "}]", "1")));
}

TEST_CASE("a megabyte of one thing is read in its time") {
  constexpr std::size_t kMany = std::size_t{1} << 20;
  CHECK(is_accepted(std::string(kMany, '1')));
  CHECK(is_accepted("-1." + std::string(kMany, '1') + "e" + std::string(kMany, '1')));
  CHECK_FALSE(is_accepted(std::string(kMany, '0')));
  CHECK(is_accepted("\"" + std::string(kMany, 'x') + "\""));
  CHECK_FALSE(is_accepted("\"" + std::string(kMany, 'x')));
  CHECK(is_accepted(std::string(kMany, ' ') + "1"));
  CHECK_FALSE(is_accepted(std::string(kMany, ' ')));
  CHECK_FALSE(is_accepted(std::string(kMany, '{')));
  CHECK_FALSE(is_accepted(std::string(kMany, '"')));
  CHECK_FALSE(is_accepted("\"" + std::string(kMany, '\\')));
}

TEST_CASE("messages name the byte where the text stops being JSON") {
  CHECK(complaint("") == at(0, "a value is needed"));
  CHECK(complaint("  MARKER") == at(2, "a value is needed"));
  CHECK(complaint("[1 2]") == at(3, "a comma or the closing bracket is missing"));
  CHECK(complaint("[1,]") == at(3, "a value is needed"));
  CHECK(complaint("{\"a\" 1}") == at(5, "a colon is missing"));
  CHECK(complaint("{1:1}") == at(1, "a string is needed"));
  CHECK(complaint("{\"a\":1,}") == at(7, "a string is needed"));
  CHECK(complaint("\"ab") == at(3, "a string has no end"));
  CHECK(complaint("\"ab\n\"") == at(3, "a control character in a string"));
  CHECK(complaint("\"ab\0\""s) == at(3, "a control character in a string"));
  CHECK(complaint("\"ab\xff\"") == at(3, "not UTF-8"));
  CHECK(complaint("\"\\q\"") == at(2, "an unknown escape"));
  CHECK(complaint("\"\\u12x4\"") == at(5, "four hexadecimal digits are needed"));
  CHECK(complaint("\"\\ud800\"") == at(7, "half of a surrogate pair"));
  CHECK(complaint("1.x") == at(2, "a value is needed"));
  CHECK(complaint("{} MARKER") == at(3, "text after the end"));
}

TEST_CASE("messages have the caller's status and name for the text") {
  const auto failure =
      failure_of([] { JsonReader("MARKER", Status::request, "request").skip_value(); });
  CHECK(failure.status == Status::request);
  CHECK(failure.text == "the request is malformed at byte 0: a value is needed");
  const auto own = failure_of([] { reader_of("[]").malformed("it is not what I want"); });
  CHECK(own.status == Status::keyset);
  CHECK(own.text == at(0, "it is not what I want"));
}

TEST_CASE("an object is walked member by member") {
  JsonReader reader = reader_of(R"( { "a" : "x" , "b" : [ 1 , 255 ] , "c" : null , "d" : {} } )");
  std::vector<std::string> names;
  std::vector<int> numbers;
  for (bool more = reader.enter_object(); more; more = reader.next_member()) {
    names.push_back(core::to_string(reader.name()));
    if (names.back() == "a") CHECK(core::equals(reader.string(), "x"));
    if (names.back() == "b") {
      for (bool also = reader.enter_array(); also; also = reader.next_element()) {
        numbers.push_back(reader.byte());
      }
    }
    if (names.back() == "c") CHECK(reader.null());
    if (names.back() == "d") reader.skip_value();
  }
  reader.finish();
  CHECK(names == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(numbers == std::vector<int>{1, 255});
}

TEST_CASE("an empty object has no member and an empty array no element") {
  JsonReader object = reader_of(" { } ");
  CHECK_FALSE(object.enter_object());
  object.finish();
  JsonReader array = reader_of("[\n]");
  CHECK_FALSE(array.enter_array());
  array.finish();
}

TEST_CASE("an object is entered where one is, and an array likewise") {
  for (const char* text : {"", "[]", "1", "\"{}\"", "null", "}", "MARKER"}) {
    CHECK(status_of([text] { reader_of(text).enter_object(); }) == Status::keyset);
  }
  for (const char* text : {"", "{}", "1", "\"[]\"", "null", "]", "MARKER"}) {
    CHECK(status_of([text] { reader_of(text).enter_array(); }) == Status::keyset);
  }
}

TEST_CASE("a bracket of the other kind closes nothing") {
  CHECK(status_of([] { reader_of("{]").enter_object(); }) == Status::ok);
  CHECK_FALSE(is_accepted("{]"));
  CHECK_FALSE(is_accepted("[}"));
  CHECK_FALSE(is_accepted("{\"a\":1]"));
  CHECK_FALSE(is_accepted("[1}"));
}

TEST_CASE("a byte is an integer from 0 to 255 without frills") {
  for (int value = 0; value < 256; ++value) {
    const std::string text = " " + std::to_string(value) + " ";
    JsonReader reader = reader_of(text);
    CHECK(reader.byte() == value);
    reader.finish();
  }
  for (const char* text : {"",
                           " ",
                           "256",
                           "260",
                           "300",
                           "1000",
                           "271828",
                           "4294967296",
                           "18446744073709551616",
                           "18446744073709551617",
                           "-1",
                           "-0",
                           "+1",
                           "00",
                           "01",
                           "007",
                           "0x1",
                           "1.0",
                           "1.",
                           "0.5",
                           "1e0",
                           "1E0",
                           "255.0",
                           "25e1",
                           "\"1\"",
                           "true",
                           "null",
                           "[1]",
                           "MARKER",
                           "\xd9\xa1"}) {
    INFO(text);
    CHECK(status_of([text] {
            JsonReader reader = reader_of(text);
            static_cast<void>(reader.byte());
            reader.finish();
          }) == Status::keyset);
  }
}

TEST_CASE("a megabyte of digits is no byte, and is not read to its end") {
  const std::string text(std::size_t{1} << 20, '9');
  JsonReader reader = reader_of(text);
  CHECK(status_of([&] { static_cast<void>(reader.byte()); }) == Status::keyset);
  CHECK(reader.position() <= 4);
}

TEST_CASE("a null is read where one is, and left where none is") {
  JsonReader reader = reader_of(" null,");
  CHECK(reader.null());
  CHECK(reader.position() == 5);
  JsonReader other = reader_of(" 1");
  CHECK_FALSE(other.null());
  CHECK(other.byte() == 1);
  CHECK_FALSE(reader_of("").null());
  for (const char* text : {"n", "nul", "nULL", "none"}) {
    CHECK(status_of([text] { static_cast<void>(reader_of(text).null()); }) == Status::keyset);
  }
}

TEST_CASE("a look ahead passes white space and takes nothing") {
  JsonReader reader = reader_of(" \t\r\n[1]");
  CHECK(reader.peek() == '[');
  CHECK(reader.peek() == '[');
  CHECK(reader.position() == 4);
  CHECK(reader_of("").peek() == '\0');
  CHECK(reader_of("  ").peek() == '\0');
}

TEST_CASE("the end takes white space, and NULs only where they are allowed") {
  for (const std::string& text : {""s, " \t\r\n"s}) {
    reader_of(text).finish();
    reader_of(text).finish(true);
  }
  for (const std::string& text : {"\0"s, "\0\0\0"s, "\n\0 \0\n"s}) {
    CHECK(status_of([&] { reader_of(text).finish(); }) == Status::keyset);
    CHECK(status_of([&] { reader_of(text).finish(true); }) == Status::ok);
  }
  for (const std::string& text : {"x"s, "\0x"s, " \0MARKER"s, "\v"s, "\xef\xbb\xbf"s}) {
    CHECK(status_of([&] { reader_of(text).finish(true); }) == Status::keyset);
  }
}

TEST_CASE("a string is a view into the text, without its quotes") {
  const std::string text = R"( "plain" )";
  const JsonString string = string_of(text);
  CHECK(string.raw == "plain");
  CHECK(string.raw.data() == text.data() + 2);
  CHECK_FALSE(string.escaped);
  CHECK(string_of(R"("")").raw.empty());
  CHECK(string_of(R"("a\nb")").escaped);
  CHECK(string_of(R"("a\nb")").raw == R"(a\nb)");
}

TEST_CASE("strings decode to what they stand for") {
  CHECK(decoded(R"("")").empty());
  CHECK(decoded(R"("abc")") == "abc");
  CHECK(decoded(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(decoded(R"("a\u0000b")") == "a\0b"s);
  CHECK(decoded(R"("\u007f\u0080\u07ff\u0800\uffff")") ==
        "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf");
  CHECK(decoded(R"("\ud83d\udd11\uD83D\uDD11")") == "\xf0\x9f\x94\x91\xf0\x9f\x94\x91");
  CHECK(decoded("\"\xf0\x9f\x94\x91\"") == "\xf0\x9f\x94\x91");
  CHECK(decoded(R"("\\u0041")") == R"(\u0041)");
  CHECK(decoded(R"("\\\u0041")") == R"(\A)");
}

TEST_CASE("decoding needs no more room than the raw string has") {
  const std::string text = R"("\u0041x\n\ud83d\udd11\uffff")";
  const JsonString string = string_of(text);
  core::Bytes out(string.raw.size() + 1, 0xa5);
  const std::size_t size =
      core::decode_json_string(string, core::ByteSpan(out).first(string.raw.size()));
  CHECK(size == 10);
  CHECK(core::as_text(core::ByteView(out).first(size)) == "Ax\n\xf0\x9f\x94\x91\xef\xbf\xbf");
  CHECK(out.back() == 0xa5);
}

TEST_CASE("a decoded string is the text itself without escapes, and a copy with them") {
  const std::string plain = R"("plain")";
  const core::DecodedString same(string_of(plain));
  CHECK(same.expose_text() == "plain");
  CHECK(same.expose_text().data() == plain.data() + 1);
  const std::string escaped = R"("\u0061\n\ud83d\udd11")";
  const core::DecodedString other(string_of(escaped));
  CHECK(other.expose_text() == "a\n\xf0\x9f\x94\x91");
  CHECK(core::DecodedString(string_of(R"("")")).expose_text().empty());
}

TEST_CASE("a string equals what it decodes to, and not what it looks like") {
  CHECK(core::equals(string_of(R"("kid")"), "kid"));
  CHECK(core::equals(string_of(R"("\u006bid")"), "kid"));
  CHECK(core::equals(string_of(R"("k\u0000")"), "k\0"s));
  CHECK_FALSE(core::equals(string_of(R"("\u006bid")"), R"(\u006bid)"));
  CHECK_FALSE(core::equals(string_of(R"("kid")"), "Kid"));
  CHECK_FALSE(core::equals(string_of(R"("kid")"), "kid2"));
  CHECK_FALSE(core::equals(string_of(R"("k\u0000")"), "k"));
}

TEST_CASE("base64 goes straight to the destination for its length") {
  Destination destination;
  CHECK(core::read_base64("QUI=", [&](std::size_t size) { return destination(size); }));
  CHECK(core::as_text(destination.bytes) == "AB");
  CHECK(destination.calls == 1);
}

TEST_CASE("what is not base64 leaves zeros, or asks for no destination") {
  Destination wiped;
  CHECK_FALSE(core::read_base64("QUJ=", [&](std::size_t size) { return wiped(size); }));
  CHECK(wiped.bytes == Bytes(2));
  Destination unasked;
  CHECK_FALSE(core::read_base64("QUI", [&](std::size_t size) { return unasked(size); }));
  CHECK(unasked.calls == 0);
}

TEST_CASE("numbers are counted first and then written once") {
  CHECK(numbers("[]").bytes.empty());
  CHECK(numbers("[]").calls == 1);
  CHECK(numbers(" [ 0 , 1 ,255 ] ").bytes == Bytes{0, 1, 255});
  CHECK(numbers("[7]").calls == 1);
}

TEST_CASE("a bad number is found before there is a destination for it") {
  for (const char* text : {"[1,256]", "[1,]", "[1", "[1 2]", "[\"MARKER\"]", "[271828]", "{}"}) {
    Destination destination;
    JsonReader reader(text, Status::packet, "text");
    CHECK(status_of([&] {
            core::read_numbers(reader,
                               [&destination](std::size_t size) { return destination(size); });
          }) == Status::packet);
    CHECK(destination.calls == 0);
  }
}

}  // namespace oskbc::json_reader_test
