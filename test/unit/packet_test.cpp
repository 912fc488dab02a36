// SPDX-License-Identifier: Apache-2.0
#include "format/packet.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"
#include "unit/test_bytes.h"

namespace oskbc::packet_test {

using core::Bytes;
using core::Packet;
using core::parse_packet;
using core::Status;
using core::WrapType;
using namespace std::string_literals;

namespace {

constexpr const char* kKid = R"("kid":"kbs:///MARKER/b/c")";
constexpr const char* kWrapped = R"("wrapped_data":"TUFSS0VS")";
constexpr const char* kIv = R"("iv":"AAECAwQFBgcICQoL")";
constexpr const char* kType = R"("wrap_type":"A256GCM")";

std::string object(const std::vector<std::string>& members) {
  std::string text = "{";
  for (const std::string& member : members) text += (text == "{" ? "" : ",") + member;
  return text + "}";
}

std::string packet_with(const std::string& member) {
  return object({kKid, kWrapped, kIv, kType, member});
}

std::string packet_of_type(const std::string& type) {
  return object({kKid, kWrapped, kIv, "\"wrap_type\":" + type});
}

void check_is_the_usual(const Packet& packet) {
  CHECK(packet.kid == "kbs:///MARKER/b/c");
  CHECK(core::as_text(packet.wrapped) == "MARKER");
  CHECK(packet.iv == test::counting(12));
  CHECK(packet.type == WrapType::a256gcm);
}

Status status_of(const std::string& text) {
  return test::status_of([&] { static_cast<void>(parse_packet(text)); });
}

std::string refusal(const std::string& text) {
  const auto failure = test::failure_of([&] { static_cast<void>(parse_packet(text)); });
  if (failure.status != Status::packet) FAIL_CHECK("not refused as a packet");
  return failure.text;
}

std::string nested(std::size_t depth) {
  return "\"x\":" + std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("the packet of October 2021 has arrays of numbers") {
  const Packet packet =
      parse_packet(R"({"kid":"key_id1","wrapped_data":[0,1,127,128,255],)"
                   R"("iv":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15],"wrap_type":"aes_256_ctr"})");
  CHECK(packet.kid == "key_id1");
  CHECK(packet.wrapped == Bytes{0, 1, 127, 128, 255});
  CHECK(packet.iv == test::counting(16));
  CHECK(packet.type == WrapType::a256ctr);
}

TEST_CASE("the packet of the demo has base64 and a plain id") {
  const Packet packet =
      parse_packet(R"({"kid":"key_id1","wrapped_data":"QUJD","iv":"AAECAwQFBgcICQoLDA0ODw==",)"
                   R"("wrap_type":"aes_256_ctr"})");
  CHECK(packet.kid == "key_id1");
  CHECK(core::as_text(packet.wrapped) == "ABC");
  CHECK(packet.iv == test::counting(16));
  CHECK(packet.type == WrapType::a256ctr);
}

TEST_CASE("the current packet and V2 are read alike") {
  check_is_the_usual(parse_packet(object({kKid, kWrapped, kIv, kType})));
  check_is_the_usual(
      parse_packet(object({R"("version":"0.1.0")", R"("provider":"kbs")", kKid, kWrapped, kIv,
                           kType, R"("provider_settings":{})", R"("annotations":{})"})));
}

TEST_CASE("the fields may come in any order") {
  std::array<std::string, 4> members = {kKid, kWrapped, kIv, kType};
  std::sort(members.begin(), members.end());
  int orders = 0;
  do {
    check_is_the_usual(parse_packet(object({members.begin(), members.end()})));
    ++orders;
  } while (std::next_permutation(members.begin(), members.end()));
  CHECK(orders == 24);
}

TEST_CASE("every spelling of the wrap types is read, and no other") {
  for (const char* name : {"A256GCM", "aes_256_gcm", "aes-256-gcm"}) {
    CHECK(core::parse_wrap_type(name) == WrapType::a256gcm);
    CHECK(parse_packet(packet_of_type("\""s + name + "\"")).type == WrapType::a256gcm);
  }
  for (const char* name : {"A256CTR", "aes_256_ctr", "aes-256-ctr"}) {
    CHECK(core::parse_wrap_type(name) == WrapType::a256ctr);
    CHECK(parse_packet(packet_of_type("\""s + name + "\"")).type == WrapType::a256ctr);
  }
  for (const char* name : {"", "MARKER", "a256gcm", "A256gcm", "A256GCM ", " A256GCM",
                           "AES_256_GCM", "AES-256-GCM", "aes256gcm", "A128GCM", "A192CTR",
                           "A256KW", "A256CBC", "aes_256-gcm", "A256GCM\\u0000", "aes_128_ctr"}) {
    INFO(name);
    CHECK(status_of(packet_of_type("\""s + name + "\"")) == Status::unsupported);
  }
  CHECK(test::status_of([] { static_cast<void>(core::parse_wrap_type("MARKER")); }) ==
        Status::unsupported);
  CHECK(test::status_of([] { static_cast<void>(core::parse_wrap_type("A256GCM\0"s)); }) ==
        Status::unsupported);
}

TEST_CASE("a field that is missing is named") {
  const std::array<std::string, 4> members = {kKid, kWrapped, kIv, kType};
  const std::array<const char*, 4> names = {"kid", "wrapped_data", "iv", "wrap_type"};
  for (std::size_t left_out = 0; left_out < members.size(); ++left_out) {
    std::vector<std::string> rest(members.begin(), members.end());
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
    CHECK(refusal(object(rest)) ==
          "the annotation packet is malformed: \""s + names[left_out] + "\" is missing");
  }
  CHECK_THAT(refusal("{}"), Catch::ContainsSubstring("is missing"));
}

TEST_CASE("a field that is there twice is named, the same value or not") {
  for (const char* member : {kKid, kWrapped, kIv, kType, R"("kid":"MARKER")", R"("kid":271828)",
                             R"("wrap_type":"A256CTR")", R"("\u006bid":"MARKER")"}) {
    CHECK_THAT(refusal(packet_with(member)), Catch::ContainsSubstring("is there twice"));
  }
  for (const char* member : {R"("version":"0.1.0")", R"("provider":"kbs")",
                             R"("provider_settings":{})", R"("annotations":{})"}) {
    CHECK(status_of(packet_with(member)) == Status::ok);
    CHECK_THAT(refusal(packet_with(member + ","s + member)),
               Catch::ContainsSubstring("is there twice"));
  }
}

TEST_CASE("fields that are not ours are ignored, twice and inside others too") {
  for (const char* member :
       {R"("x":"MARKER")", R"("x":null)", R"("x":[1.5,{"kid":1,"kid":2}])", R"("x":1,"x":2)",
        R"("KID":1)", R"("kid ":1)", R"("Wrap_Type":"x")", R"("":0)", R"("kid\u0000":1)",
        R"("annotations":{"kid":1,"kid":2,"iv":[]})", R"("provider_settings":{"wrap_type":0})"}) {
    INFO(member);
    check_is_the_usual(parse_packet(packet_with(member)));
  }
}

TEST_CASE("a field of another type is refused") {
  for (const char* value : {"null", "true", "271828", "1.5", "[]", "{}", "[\"MARKER\"]"}) {
    INFO(value);
    CHECK_THAT(refusal(object({"\"kid\":"s + value, kWrapped, kIv, kType})),
               Catch::ContainsSubstring("\"kid\" is not a string"));
    CHECK_THAT(refusal(packet_of_type(value)),
               Catch::ContainsSubstring("\"wrap_type\" is not a string"));
    CHECK(refusal(packet_with("\"version\":"s + value)).find("\"version\"") != std::string::npos);
    CHECK(refusal(packet_with("\"provider\":"s + value)).find("\"provider\"") != std::string::npos);
  }
  for (const char* value : {"null", "true", "271828", "1.5", "{}", "{\"MARKER\":[1]}"}) {
    INFO(value);
    CHECK_THAT(
        refusal(object({kKid, "\"wrapped_data\":"s + value, kIv, kType})),
        Catch::ContainsSubstring("\"wrapped_data\" is neither base64 nor an array of numbers"));
    CHECK_THAT(refusal(object({kKid, kWrapped, "\"iv\":"s + value, kType})),
               Catch::ContainsSubstring("\"iv\" is neither base64 nor an array of numbers"));
  }
  for (const char* value : {"null", "true", "271828", "[]", "\"MARKER\""}) {
    for (const char* name : {"annotations", "provider_settings"}) {
      CHECK_THAT(refusal(packet_with("\""s + name + "\":" + value)),
                 Catch::ContainsSubstring("is not an object"));
    }
  }
}

TEST_CASE("an array of anything but numbers from 0 to 255 is refused") {
  for (const char* numbers : {"256", "-1", "-0", "1.0", "1e0", "271828", "18446744073709551616",
                              "null", "true", "\"1\"", "[1]", "{}", "1,2,256", "1,2,\"MARKER\""}) {
    INFO(numbers);
    CHECK_THAT(refusal(object({kKid, "\"wrapped_data\":["s + numbers + "]", kIv, kType})),
               Catch::EndsWith("a number from 0 to 255 is needed"));
    CHECK_THAT(refusal(object({kKid, kWrapped, "\"iv\":["s + numbers + "]", kType})),
               Catch::EndsWith("a number from 0 to 255 is needed"));
  }
}

TEST_CASE("a text that is not canonical base64 is refused") {
  for (const char* text : {"TUFSS0V", "TUFSS0VS\\n", "TUFSS0VS====", "TUFS S0VS", "QQ",
                           "QR==", "QQ==\\u0000", "TUFSS0V-", "MARKER"}) {
    INFO(text);
    CHECK_THAT(refusal(object({kKid, "\"wrapped_data\":\""s + text + "\"", kIv, kType})),
               Catch::ContainsSubstring("\"wrapped_data\" is not canonical base64"));
    CHECK_THAT(refusal(object({kKid, kWrapped, "\"iv\":\""s + text + "\"", kType})),
               Catch::ContainsSubstring("\"iv\" is not canonical base64"));
  }
}

TEST_CASE("fields are read as the members of a text are, but for arrays of numbers") {
  const auto decode = [](std::string_view iv, std::string_view wrapped, std::string_view type) {
    return core::decode_fields({"kid", type, {iv}, {wrapped}});
  };
  const auto refused = [&](std::string_view iv, std::string_view wrapped, std::string_view type) {
    return test::status_of([&] { static_cast<void>(decode(iv, wrapped, type)); });
  };
  const core::WrappedOptions options = decode("AAECAwQFBgcICQoL", "TUFSS0VS", "aes_256_gcm");
  CHECK(core::as_text(options.wrapped()) == "MARKER");
  CHECK(std::ranges::equal(options.iv(), test::counting(12)));
  CHECK(options.type == WrapType::a256gcm);
  CHECK(decode("", "", "A256CTR").wrapped().empty());
  CHECK(refused("[0,1]", "TUFSS0VS", "A256GCM") == Status::packet);
  CHECK(refused("AAAA", "[]", "A256GCM") == Status::packet);
  CHECK(refused("AAAA", "QR==", "A256GCM") == Status::packet);
  CHECK(refused("AAAA", "QQ==", "A256GC") == Status::unsupported);
  CHECK(refused("AAA", "QQ==", "A256GC") == Status::packet);
}

TEST_CASE("fields have the bound of a packet's text together") {
  const std::string half(core::limits::kPacketText / 2, 'A');
  const auto decode = [&](std::string_view kid) {
    return core::decode_fields({kid, "A256GCM", {half}, {half}});
  };
  CHECK(decode("").wrapped_size == half.size() / 4 * 3);
  CHECK(test::status_of([&] { static_cast<void>(decode("k")); }) == Status::packet);
}

TEST_CASE("strings with escapes stay where they are until all are read") {
  const std::string escaped =
      R"({"iv":"AAECAwQF\u0042gcICQoL","wrap_type":"A256\u0047CM","wrapped_data":"TUFSS0\u0056S",)"
      R"("kid":"kbs:\/\/\/MARKER\/b\/c"})";
  check_is_the_usual(parse_packet(escaped));
}

TEST_CASE("lengths are the cipher's affair, so an empty field is read") {
  const Packet packet =
      parse_packet(R"({"kid":"","wrapped_data":"","iv":[],"wrap_type":"A256GCM"})");
  CHECK(packet.kid.empty());
  CHECK(packet.wrapped.empty());
  CHECK(packet.iv.empty());
}

TEST_CASE("another version or provider is not supported") {
  for (const char* version : {"", "0.1.1", "0.1", "1.0.0", "0.1.0 ", "MARKER", "0.1.0\\u0000"}) {
    CHECK(status_of(packet_with("\"version\":\""s + version + "\"")) == Status::unsupported);
  }
  for (const char* provider : {"", "KBS", "kbs ", "kms", "MARKER", "kbs\\u0000"}) {
    CHECK(status_of(packet_with("\"provider\":\""s + provider + "\"")) == Status::unsupported);
  }
}

TEST_CASE("version and provider are looked at first") {
  CHECK(status_of(packet_with(R"("version":"2","annotations":[])")) == Status::unsupported);
  CHECK(status_of(R"({"iv":5,"provider":"aliyun"})") == Status::unsupported);
  CHECK(status_of(R"({"kid":"k","wrapped_data":"","provider":"ehsm"})") == Status::unsupported);
  CHECK(status_of(R"({"kid":"k","wrapped_data":"","iv":"","version":"0.2.0"})") ==
        Status::unsupported);
  CHECK(status_of(R"({"kid":"k","wrapped_data":"","provider":"kbs"})") == Status::packet);
  CHECK(status_of(R"({"kid":"k","provider":5})") == Status::packet);
  CHECK(status_of(R"({"iv":"*","provider":"aliyun")") == Status::packet);
}

TEST_CASE("a message says which of the two it is, and does not repeat it") {
  const auto failure =
      test::failure_of([] { static_cast<void>(parse_packet(R"({"provider":"aliyun"})")); });
  CHECK(failure.text ==
        "the annotation packet's \"provider\" is unsupported; \"kbs\" is supported");
}

TEST_CASE("what is malformed is said before what is not supported") {
  CHECK(status_of(object({kKid, kWrapped, R"("iv":"*")", R"("wrap_type":"x")"})) == Status::packet);
}

TEST_CASE("only one JSON object is a packet") {
  for (const std::string& text :
       {""s, " "s, "MARKER"s, "null"s, "271828"s, "\"MARKER\""s, "[]"s, "[\"MARKER\"]"s, "{"s,
        "{\"MARKER\""s, "{\"kid\":\"MARKER\""s, "{'kid':1}"s, "{kid:1}"s, "\xff"s, "\0"s,
        "{\"kid\":\"MARKER\xff\"}"s, "{\"kid\":\"MARKER\x01\"}"s, "{\"kid\":\"MARKER\\ud800\"}"s,
        "TUFSS0VS"s}) {
    INFO(text);
    CHECK_FALSE(refusal(text).empty());
  }
}

TEST_CASE("white space may stand around a packet, and nothing else") {
  const std::string text = object({kKid, kWrapped, kIv, kType});
  check_is_the_usual(parse_packet(" \t\r\n" + text + " \t\r\n"));
  for (const std::string& other : {"x"s, "{}"s, ","s, "}"s, text, "\xef\xbb\xbf"s, "//"s, "\v"s}) {
    CHECK(status_of(text + other) == Status::packet);
    CHECK(status_of(other + text) == Status::packet);
  }
  CHECK(status_of("\0"s + text) == Status::packet);
}

TEST_CASE("a NUL does not end a packet") {
  const std::string text = object({kKid, kWrapped, kIv, kType});
  CHECK(status_of(text + "\0"s) == Status::packet);
  CHECK(status_of(text + "\0MARKER"s) == Status::packet);
  CHECK(status_of(text + "\n\0{}"s) == Status::packet);
}

TEST_CASE("a packet nests a little, and not deep") {
  check_is_the_usual(parse_packet(packet_with(nested(30))));
  CHECK_THAT(refusal(packet_with(nested(33))), Catch::ContainsSubstring("nested too deep"));
  CHECK_THAT(refusal(packet_with(nested(100000))), Catch::ContainsSubstring("nested too deep"));
  CHECK_THAT(refusal(std::string(100000, '[')), Catch::EndsWith("an object is needed"));
  CHECK_FALSE(refusal("{\"wrapped_data\":" + std::string(100000, '[')).empty());
}

TEST_CASE("a packet may have one MiB and no byte more") {
  std::string text = object({kKid, kWrapped, kIv, kType});
  text.resize(core::limits::kPacketText, ' ');
  CHECK(core::limits::kPacketText == std::size_t{1} << 20);
  check_is_the_usual(parse_packet(text));
  text += ' ';
  CHECK(refusal(text) == "the annotation packet has more than 1048576 bytes");
}

TEST_CASE("a megabyte of digits is no packet, and is not read to its end") {
  const std::string digits(1000000, '9');
  CHECK_THAT(refusal(digits), Catch::ContainsSubstring("at byte 0:"));
  for (const char* name : {"wrapped_data", "iv"}) {
    const std::string start = "{\""s + name + "\":[1,";
    const std::string position = std::to_string(start.size() + 3);
    CHECK_THAT(refusal(start + digits), Catch::ContainsSubstring("at byte " + position + ":"));
  }
  for (const char* name : {"kid", "version"}) {
    CHECK_THAT(refusal("{\""s + name + "\":" + digits),
               Catch::ContainsSubstring("is not a string"));
  }
}

TEST_CASE("a megabyte of digits in a field that is not ours is a number") {
  const std::string digits(1000000, '9');
  check_is_the_usual(parse_packet(packet_with("\"x\":-" + digits)));
  check_is_the_usual(parse_packet(packet_with("\"x\":1." + digits + "e+1")));
  CHECK(status_of(packet_with("\"x\":0" + digits)) == Status::packet);
}

TEST_CASE("what is nested too deep is refused at its 33rd bracket") {
  const std::string start = object({kKid, kWrapped, kIv, kType});
  const std::string open = start.substr(0, start.size() - 1) + ",\"x\":";
  const std::string position = std::to_string(open.size() + 32);
  for (const std::size_t depth : {std::size_t{33}, std::size_t{100000}}) {
    const std::string deep = open + std::string(depth, '[') + std::string(depth, ']') + "}";
    CHECK_THAT(refusal(deep), Catch::EndsWith("at byte " + position + ": nested too deep"));
    CHECK_THAT(refusal(open + std::string(depth, '[')),
               Catch::EndsWith("at byte " + position + ": nested too deep"));
  }
}

TEST_CASE("words and numbers that RFC 8259 does not have are refused in fields that are not ours") {
  for (const char* value :
       {"NaN",         "Infinity",   "-Infinity", "nan",   "True", "None",      "undefined",
        "nul",         "+1",         "01",        "-01",   ".5",   "1.",        "1.e1",
        "1e",          "0x10",       "1_000",     "--1",   "'a'",  "a",         "[1,]",
        "[,1]",        "{\"a\":1,}", "{a:1}",     "[1 2]", "[1]]", "\"\\x41\"", "\"\\ud83d\"",
        "\"\\udd11\"", "\"\t\"",     "\"\xff\"",  "/**/1", "1//",  "1 #\n"}) {
    INFO(value);
    CHECK(status_of(packet_with("\"x\":"s + value)) == Status::packet);
  }
}

TEST_CASE("white space of every kind may stand between any two tokens of a packet") {
  const std::vector<std::string> tokens = {"{",    "\"kid\"",
                                           ":",    "\"kbs:///MARKER/b/c\"",
                                           ",",    "\"wrapped_data\"",
                                           ":",    "[",
                                           "77",   ",",
                                           "65",   ",",
                                           "82",   ",",
                                           "75",   ",",
                                           "69",   ",",
                                           "82",   "]",
                                           ",",    "\"iv\"",
                                           ":",    "\"AAECAwQFBgcICQoL\"",
                                           ",",    "\"wrap_type\"",
                                           ":",    "\"A256GCM\"",
                                           ",",    "\"x\"",
                                           ":",    "[",
                                           "{",    "\"y\"",
                                           ":",    "1",
                                           "}",    ",",
                                           "null", "]",
                                           "}"};
  for (const std::string& space : {" "s, "\t"s, "\n"s, "\r"s, " \t\r\n"s}) {
    for (std::size_t gap = 0; gap < tokens.size(); ++gap) {
      std::string text;
      for (std::size_t i = 0; i < tokens.size(); ++i) text += (i == gap ? space : "") + tokens[i];
      check_is_the_usual(parse_packet(text));
    }
  }
}

TEST_CASE("a written packet is the current generation, its fields in their usual order") {
  const Packet packet{"kbs:///a/b/c", {0xff, 0x00}, test::counting(12), WrapType::a256gcm};
  CHECK(core::write_packet(packet) ==
        R"({"kid":"kbs:///a/b/c","wrapped_data":"/wA=","iv":"AAECAwQFBgcICQoL",)"
        R"("wrap_type":"A256GCM"})");
  const Packet counter{"k", {}, test::counting(16), WrapType::a256ctr};
  CHECK(core::write_packet(counter) ==
        R"({"kid":"k","wrapped_data":"","iv":"AAECAwQFBgcICQoLDA0ODw==","wrap_type":"A256CTR"})");
}

TEST_CASE("a written packet reads back as it was") {
  for (const std::string& kid : {"key_id1"s, "kbs://host:1/a/b/c"s, "a\"b\\c\n"s, "\xc3\xa9"s, ""s,
                                 "a\0b"s, "\xf0\x9f\x94\x91"s}) {
    for (const WrapType type : {WrapType::a256gcm, WrapType::a256ctr}) {
      const Packet packet{kid, test::counting(190, 7), test::counting(core::iv_size(type)), type};
      const Packet back = parse_packet(core::write_packet(packet));
      CHECK(back.kid == packet.kid);
      CHECK(back.wrapped == packet.wrapped);
      CHECK(back.iv == packet.iv);
      CHECK(back.type == packet.type);
    }
  }
}

}  // namespace oskbc::packet_test
