// SPDX-License-Identifier: Apache-2.0
#include "format/keyprovider.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "base/status.h"
#include "format/base64.h"
#include "support/catch.h"
#include "unit/failure.h"
#include "unit/test_bytes.h"

namespace oskbc::keyprovider_test {

using core::Bytes;
using core::Status;
using core::keyprovider::Operation;
using core::keyprovider::parse_request;
using core::keyprovider::Request;
using namespace std::string_literals;

namespace {

constexpr const char* kPacket = R"({"kid":"MARKER"})";

std::string base64_of(std::string_view text) { return core::base64::encode(core::as_bytes(text)); }

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

// As ocicrypt writes it to unwrap, with any JSON for the annotation.
std::string unwrap_request(const std::string& annotation) {
  return R"({"op":"keyunwrap","keywrapparams":{"ec":null,"optsdata":null},)"
         R"("keyunwrapparams":{"dc":{"Parameters":{"attestation-agent":["TUFSS0VS"]}},)"
         R"("annotation":)" +
         annotation + "}}";
}

// As ocicrypt writes it to wrap, with any JSON for the parameters and the options.
std::string wrap_request(const std::string& parameters, const std::string& options) {
  return R"({"op":"keywrap","keywrapparams":{"ec":{"Parameters":)" + parameters +
         R"(,"DecryptConfig":{"Parameters":{}}},"optsdata":)" + options +
         R"(},"keyunwrapparams":{"dc":null,"annotation":null}})";
}

std::string numbers(std::string_view text) {
  return nlohmann::json(Bytes(text.begin(), text.end())).dump();
}

// Text as a JSON string.
std::string as_string(std::string_view text) { return nlohmann::json(text).dump(); }

std::string refusal(const std::string& text) {
  const auto failure = test::failure_of([&] { static_cast<void>(parse_request(text)); });
  if (failure.status != Status::request) FAIL_CHECK("not refused as a request");
  return failure.text;
}

std::string answer_of(Operation operation, core::ByteView bytes) {
  // One byte more than allowed, to see it untouched.
  Bytes out(core::keyprovider::longest_answer(operation, bytes.size()) + 1, '~');
  const std::size_t size =
      core::keyprovider::write_answer(operation, bytes, core::ByteSpan(out).first(out.size() - 1));
  CHECK(size < out.size());
  CHECK(out.back() == '~');
  return std::string(core::as_text(out).substr(0, size));
}

constexpr const char* kNotBase64 = "not canonical base64";

}  // namespace

TEST_CASE("a keyunwrap request of the Go client gives the packet") {
  const Request request = parse_request(unwrap_request(quoted(base64_of(kPacket))));
  CHECK(request.operation == Operation::keyunwrap);
  CHECK(core::as_text(request.annotations.at(0)) == kPacket);
  CHECK(request.options.empty());
  CHECK(request.parameters.empty());
}

TEST_CASE("a keyunwrap request of the Rust clients gives the packet") {
  CHECK(core::as_text(parse_request(unwrap_request(numbers(kPacket))).annotations.at(0)) ==
        kPacket);
  CHECK(core::as_text(parse_request(unwrap_request(as_string(kPacket))).annotations.at(0)) ==
        kPacket);
}

TEST_CASE("a keywrap request of the Go client gives parameters and options") {
  const std::string parameters =
      "{\"attestation-agent\":[\"" + base64_of("keys.json:key_id1") + "\"]}";
  const Request request = parse_request(wrap_request(parameters, quoted(base64_of("the options"))));
  CHECK(request.operation == Operation::keywrap);
  REQUIRE(request.parameters.size() == 1);
  CHECK(request.parameters[0].provider == "attestation-agent");
  CHECK(request.parameters[0].values == std::vector<std::string>{"keys.json:key_id1"});
  CHECK(request.options.expose_text() == "the options");
  CHECK(request.annotations.empty());
}

TEST_CASE("a keywrap request of the Rust clients has plain text or numbers for options") {
  const std::string options = R"({"symkeyopts":"a \"layer\""})";
  const std::string parameters = "{\"p\":[" + numbers("a:b") + "]}";
  for (const std::string& form : {as_string(options), numbers(options)}) {
    const Request request = parse_request(wrap_request(parameters, form));
    CHECK(request.options.expose_text() == options);
    CHECK(request.parameters[0].values == std::vector<std::string>{"a:b"});
  }
}

TEST_CASE("the lists of parameters keep their names and their order") {
  const Request request = parse_request(
      wrap_request(R"({"b":["QQ==","Qg=="],"a":[],"none":null,"\u00e9":["w6k="]})", "\"QUJD\""));
  REQUIRE(request.parameters.size() == 4);
  CHECK(request.parameters[0].provider == "b");
  CHECK(request.parameters[0].values == std::vector<std::string>{"A", "B"});
  CHECK(request.parameters[1].provider == "a");
  CHECK(request.parameters[1].values.empty());
  CHECK(request.parameters[2].provider == "none");
  CHECK(request.parameters[2].values.empty());
  CHECK(request.parameters[3].provider == "\xc3\xa9");
  CHECK(request.parameters[3].values == std::vector<std::string>{"\xc3\xa9"});
}

TEST_CASE("null parameters, an empty map and none at all are the same") {
  for (const char* config : {R"("ec":null)", R"("ec":{})", R"("ec":{"Parameters":null})",
                             R"("ec":{"Parameters":{}})", R"("other":1)"}) {
    const Request request =
        parse_request(R"({"op":"keywrap","keywrapparams":{)"s + config + R"(,"optsdata":"QUJD"}})");
    CHECK(request.parameters.empty());
    CHECK(request.options.expose_text() == "ABC");
  }
}

TEST_CASE("members come in any order, unknown ones are ignored, escaped names are names") {
  const Request request = parse_request(
      R"( {"x":[{"op":1}],"keyunwrapparams":{"annotation":"QUJD","y":{}},"keywrapparams":null,)"
      R"("\u006fp":"key\u0075nwrap","":null} )"
      "\n");
  CHECK(request.operation == Operation::keyunwrap);
  CHECK(core::as_text(request.annotations.at(0)) == "ABC");
}

TEST_CASE("what the unwrapping does not need may be anything that is JSON") {
  for (const char* dc : {"null", "{}", "[]", "1", "\"MARKER\"", "{\"Parameters\":null}"}) {
    const std::string text =
        R"({"op":"keyunwrap","keyunwrapparams":{"dc":)"s + dc + R"(,"annotation":"QUJD"}})";
    CHECK(core::as_text(parse_request(text).annotations.at(0)) == "ABC");
  }
}

TEST_CASE("bytes of every value and of every length arrive in both forms") {
  for (const std::size_t size : {0U, 1U, 2U, 3U, 255U, 256U, 1000U}) {
    const Bytes bytes = test::counting(size, 250);
    const std::string text(core::as_text(bytes));
    CHECK(parse_request(unwrap_request(quoted(base64_of(text)))).annotations.at(0) == bytes);
    CHECK(parse_request(unwrap_request(numbers(text))).annotations.at(0) == bytes);
  }
}

TEST_CASE("escapes in base64 and in plain text are decoded first") {
  CHECK(core::as_text(parse_request(unwrap_request(R"("\u0051UJD")")).annotations.at(0)) == "ABC");
  CHECK(parse_request(unwrap_request(R"("\/\/\/\/")")).annotations.at(0) == Bytes(3, 0xff));
  CHECK(core::as_text(parse_request(unwrap_request(R"("\u007b\n}")")).annotations.at(0)) == "{\n}");
}

TEST_CASE("a request without its operation, or with another one, is refused") {
  CHECK_THAT(refusal("{}"), Catch::ContainsSubstring("it has no \"op\""));
  CHECK_THAT(refusal(R"({"OP":"keyunwrap","keyunwrapparams":{"annotation":"QUJD"}})"),
             Catch::ContainsSubstring("it has no \"op\""));
  for (const char* op : {"", "MARKER", "keyUnwrap", "KEYUNWRAP", "keyunwrap ", "unwrap", "keywrapp",
                         "keyunwrap\\u0000"}) {
    INFO(op);
    CHECK_THAT(refusal(R"({"op":")"s + op + R"(","keyunwrapparams":{"annotation":"QUJD"}})"),
               Catch::ContainsSubstring("\"op\" is neither"));
  }
  for (const char* op : {"null", "1", "true", "[]", "{}", "[\"keyunwrap\"]"}) {
    CHECK_FALSE(
        refusal(R"({"op":)"s + op + R"(,"keyunwrapparams":{"annotation":"QUJD"}})").empty());
  }
}

TEST_CASE("a request without its bytes is refused") {
  CHECK_THAT(refusal(unwrap_request("null")),
             Catch::ContainsSubstring("keyunwrap without \"annotation\""));
  CHECK_THAT(refusal(wrap_request("{}", "null")),
             Catch::ContainsSubstring("keywrap without \"optsdata\""));
  for (const char* text :
       {R"({"op":"keyunwrap"})", R"({"op":"keyunwrap","keyunwrapparams":null})",
        R"({"op":"keyunwrap","keyunwrapparams":{}})", R"({"op":"keyunwrap","annotation":"QUJD"})",
        R"({"op":"keyunwrap","keywrapparams":{"annotation":"QUJD"}})"}) {
    CHECK_THAT(refusal(text), Catch::ContainsSubstring("keyunwrap without \"annotation\""));
  }
  for (const char* text : {R"({"op":"keywrap"})", R"({"op":"keywrap","keywrapparams":null})",
                           R"({"op":"keywrap","keywrapparams":{"ec":null}})",
                           R"({"op":"keywrap","keyunwrapparams":{"annotation":"QUJD"}})"}) {
    CHECK_THAT(refusal(text), Catch::ContainsSubstring("keywrap without \"optsdata\""));
  }
}

TEST_CASE("a member that is there twice is named") {
  const auto twice = [](const char* name, const std::string& text) {
    CHECK(refusal(text) ==
          "the key provider request is malformed: \""s + name + "\" is there twice");
  };
  twice("op", R"({"op":"keyunwrap","op":"keyunwrap"})");
  twice("op", R"({"op":"keyunwrap","\u006fp":"keywrap"})");
  twice("keywrapparams", R"({"keywrapparams":null,"keywrapparams":{}})");
  twice("keyunwrapparams", R"({"keyunwrapparams":{},"keyunwrapparams":null})");
  twice("annotation", R"({"keyunwrapparams":{"annotation":"TUFSS0VS","annotation":"QUJD"}})");
  twice("annotation", R"({"keyunwrapparams":{"annotation":null,"annotation":"QUJD"}})");
  twice("optsdata", R"({"keywrapparams":{"optsdata":"TUFSS0VS","optsdata":"QUJD"}})");
  twice("Parameters",
        R"({"keywrapparams":{"ec":{"Parameters":{"a":["QQ=="]},"Parameters":{"b":["QQ=="]}}}})");
}

TEST_CASE("bytes are canonical base64, numbers from 0 to 255, or an object's text") {
  for (const char* text :
       {"TUFSS0V", "TUFSS0VS\\n", "TUFS S0VS", "QQ", "QR==", "TUFSS0V-", "MARKER", "[1,2]",
        " {\\\"kid\\\":1}", "\\u0000", "TUFSS0VS\\u0000", "\xc3\xa9\xc3\xa9"}) {
    INFO(text);
    CHECK_THAT(refusal(unwrap_request(quoted(text))), Catch::EndsWith(kNotBase64));
    CHECK_THAT(refusal(wrap_request("{}", quoted(text))), Catch::EndsWith(kNotBase64));
    CHECK_THAT(refusal(wrap_request("{\"p\":[" + quoted(text) + "]}", "\"QUJD\"")),
               Catch::EndsWith(kNotBase64));
  }
  for (const char* list : {"[256]", "[-1]", "[1.0]", "[1e1]", "[01]", "[\"1\"]", "[null]", "[[1]]",
                           "[1,]", "[,1]", "[1", "[271828]", "[1 2]", "[true]"}) {
    INFO(list);
    CHECK_FALSE(refusal(unwrap_request(list)).empty());
    CHECK_FALSE(refusal(wrap_request("{}", list)).empty());
  }
  for (const char* other : {"271828", "true", "{}", "{\"MARKER\":1}"}) {
    CHECK_THAT(refusal(unwrap_request(other)), Catch::EndsWith("a string is needed"));
  }
}

TEST_CASE("parameters of another shape are refused") {
  for (const char* parameters :
       {"[]", "1", "\"MARKER\"", "{\"p\":\"TUFSS0VS\"}", "{\"p\":{}}", "{\"p\":[null,1]}",
        "{\"p\":[[\"TUFSS0VS\"]]}", "{\"p\":1}", "{\"p\":[{\"MARKER\":1}]}"}) {
    INFO(parameters);
    CHECK_FALSE(refusal(wrap_request(parameters, "\"QUJD\"")).empty());
  }
  for (const char* config : {"[]", "1", "\"MARKER\"", "true"}) {
    CHECK_FALSE(
        refusal(R"({"op":"keywrap","keywrapparams":{"ec":)"s + config + R"(,"optsdata":"QUJD"}})")
            .empty());
    CHECK_FALSE(refusal(R"({"op":"keywrap","keywrapparams":)"s + config + "}").empty());
  }
}

TEST_CASE("only one JSON object is a request") {
  const std::string text = unwrap_request("\"QUJD\"");
  for (const std::string& other : {""s, "null"s, "[]"s, "\"MARKER\""s, "MARKER"s, "["s + text + "]",
                                   text + text, text + ",", text + "\0"s, text + "MARKER",
                                   "\xef\xbb\xbf" + text, "\0"s + text, std::string(1000, '\0')}) {
    CHECK_FALSE(refusal(other).empty());
  }
  for (std::size_t size = 0; size < text.size(); ++size) {
    if (refusal(text.substr(0, size)).empty()) FAIL_CHECK(size);
  }
}

TEST_CASE("a request nests a little, and not deep") {
  const auto request = [](std::size_t depth) {
    return R"({"op":"keyunwrap","x":)" + std::string(depth, '[') + std::string(depth, ']') +
           R"(,"keyunwrapparams":{"annotation":"QUJD"}})";
  };
  CHECK(core::as_text(parse_request(request(30)).annotations.at(0)) == "ABC");
  CHECK_THAT(refusal(request(33)), Catch::EndsWith("nested too deep"));
  CHECK_THAT(refusal(request(100000)), Catch::EndsWith("nested too deep"));
}

TEST_CASE("a request may have two MiB and no byte more") {
  std::string text = unwrap_request("\"QUJD\"");
  text.resize(core::limits::kRequestText, ' ');
  CHECK(core::limits::kRequestText == std::size_t{2} << 20);
  CHECK(core::as_text(parse_request(text).annotations.at(0)) == "ABC");
  text += ' ';
  CHECK(refusal(text) == "the key provider request has more than 2097152 bytes");
}

TEST_CASE("an answer carries its bytes as numbers, in the operation's members") {
  const Bytes bytes = {0, 9, 10, 99, 100, 255};
  CHECK(answer_of(Operation::keyunwrap, bytes) ==
        R"({"keyunwrapresults":{"optsdata":[0,9,10,99,100,255]}})");
  CHECK(answer_of(Operation::keywrap, bytes) ==
        R"({"keywrapresults":{"annotation":[0,9,10,99,100,255]}})");
  CHECK(answer_of(Operation::keyunwrap, {}) == R"({"keyunwrapresults":{"optsdata":[]}})");
  CHECK(answer_of(Operation::keywrap, {}) == R"({"keywrapresults":{"annotation":[]}})");
}

TEST_CASE("an answer is never longer than promised, and as long for the longest numbers") {
  for (const Operation operation : {Operation::keywrap, Operation::keyunwrap}) {
    for (unsigned value = 0; value < 256; ++value) {
      for (const std::size_t size : {1U, 2U, 190U}) {
        const Bytes bytes(size, static_cast<std::uint8_t>(value));
        const std::size_t longest = core::keyprovider::longest_answer(operation, size);
        const std::size_t length = answer_of(operation, bytes).size();
        if (value >= 100 ? length != longest : length >= longest) FAIL_CHECK(value);
      }
    }
    CHECK(answer_of(operation, {}).size() == core::keyprovider::longest_answer(operation, 0));
  }
}

TEST_CASE("an answer's bytes may lie at the end of its room") {
  for (std::size_t size = 0; size <= 300; ++size) {
    for (const std::uint8_t value : Bytes{0, 10, 255}) {
      const Bytes bytes(size, value);
      Bytes apart(core::keyprovider::longest_answer(Operation::keyunwrap, size));
      Bytes shared = apart;
      std::copy(bytes.begin(), bytes.end(), shared.end() - static_cast<std::ptrdiff_t>(size));
      apart.resize(core::keyprovider::write_answer(Operation::keyunwrap, bytes, apart));
      shared.resize(core::keyprovider::write_answer(Operation::keyunwrap,
                                                    core::ByteView(shared).last(size), shared));
      if (apart != shared) FAIL_CHECK(size);
    }
  }
}

TEST_CASE("every answer is JSON that gives the same bytes back") {
  for (const std::size_t size : {0U, 1U, 256U, 777U}) {
    const Bytes bytes = test::counting(size);
    const auto unwrapped = nlohmann::json::parse(answer_of(Operation::keyunwrap, bytes));
    CHECK(unwrapped.at("keyunwrapresults").at("optsdata").get<Bytes>() == bytes);
    const auto wrapped = nlohmann::json::parse(answer_of(Operation::keywrap, bytes));
    CHECK(wrapped.at("keywrapresults").at("annotation").get<Bytes>() == bytes);
  }
}

TEST_CASE("an annotation for several recipients has a packet for each") {
  const Request request =
      parse_request(unwrap_request(quoted(base64_of("{1}") + ",*," + base64_of("{3}"))));
  REQUIRE(request.annotations.size() == 3);
  CHECK(core::as_text(request.annotations[0]) == "{1}");
  // The others are tried all the same.
  CHECK(request.annotations[1].empty());
  CHECK(core::as_text(request.annotations[2]) == "{3}");
  CHECK(parse_request(unwrap_request(quoted(","))).annotations.size() == 2);
  // Commas of a packet's own JSON part nothing.
  CHECK(parse_request(unwrap_request(as_string(R"({"a":1,"b":2})"))).annotations.size() == 1);
}

}  // namespace oskbc::keyprovider_test
