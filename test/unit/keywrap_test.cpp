// SPDX-License-Identifier: Apache-2.0
#include "oskbc/keywrap.h"

#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <boost/filesystem/operations.hpp>
#include <nlohmann/json.hpp>

#include "base/status.h"
#include "crypto/key_wrap_cipher.h"
#include "format/base64.h"
#include "format/packet.h"
#include "support/catch.h"
#include "support/temp_tree.h"
#include "unit/failure.h"
#include "unit/test_bytes.h"

namespace oskbc::keywrap_test {

using core::Packet;
using core::Status;
using core::WrapType;
using core::keyprovider::Operation;
using core::keyprovider::Parameters;
using core::keyprovider::Request;
using test::failure_of;
using test::TempTree;
using tools::KeyParameter;
using tools::parse_key_parameter;
using namespace std::string_literals;

namespace {

Status status_of(const std::string& text) {
  return test::status_of([&] { static_cast<void>(parse_key_parameter(text)); });
}

std::string refusal(const std::string& text) {
  const auto failure = failure_of([&] { static_cast<void>(parse_key_parameter(text)); });
  if (failure.status != Status::request) FAIL_CHECK("not refused as a request");
  return failure.text;
}

// A throw-away key.
const core::Bytes kKey = test::counting(32, 1);

std::string keys_file(const std::string& id, const core::Bytes& key) {
  return "{\"other\":\"QUJD\",\"" + id + "\":\"" + core::base64::encode(key) + "\"}";
}

std::string loaded(const KeyParameter& parameter) {
  return std::string(tools::load_kek(parameter).expose_text());
}

test::Failure load_failure(const KeyParameter& parameter) {
  return failure_of([&] { static_cast<void>(tools::load_kek(parameter)); });
}

KeyParameter in_keys_file(const std::string& file, const std::string& kid) {
  KeyParameter parameter;
  parameter.file = file;
  parameter.kid = kid;
  return parameter;
}

KeyParameter raw(const std::string& file) {
  KeyParameter parameter = in_keys_file(file, "a");
  parameter.raw_file = true;
  return parameter;
}

}  // namespace

TEST_CASE("the demo's parameter is a keys file and an id, split at the first colon") {
  const KeyParameter parameter = parse_key_parameter("keys.json:key_id1");
  CHECK(parameter.file == "keys.json");
  CHECK(parameter.kid == "key_id1");
  CHECK_FALSE(parameter.raw_file);
  CHECK(parameter.type == WrapType::a256gcm);
  const KeyParameter uri = parse_key_parameter("/a b/k.json:kbs://host:80/r/t/t");
  CHECK(uri.file == "/a b/k.json");
  CHECK(uri.kid == "kbs://host:80/r/t/t");
}

TEST_CASE("CoCo's parameter has fields, and A256GCM where it names no algorithm") {
  const KeyParameter parameter = parse_key_parameter("keypath=/k/file::keyid=kbs:///r/t/t");
  CHECK(parameter.file == "/k/file");
  CHECK(parameter.kid == "kbs:///r/t/t");
  CHECK(parameter.raw_file);
  CHECK(parameter.type == WrapType::a256gcm);
  CHECK(parse_key_parameter("keypath=f::keyid=k::algorithm=A256GCM").type == WrapType::a256gcm);
  CHECK(parse_key_parameter("keypath=f::keyid=k::algorithm=A256CTR").type == WrapType::a256ctr);
}

TEST_CASE("the fields of CoCo's parameter come in any order") {
  for (const char* text :
       {"keypath=f::algorithm=A256CTR::keyid=k", "keyid=k::keypath=f::algorithm=aes_256_ctr",
        "algorithm=A256CTR::keyid=k::keypath=f"}) {
    const KeyParameter parameter = parse_key_parameter(text);
    CHECK(parameter.file == "f");
    CHECK(parameter.kid == "k");
    CHECK(parameter.raw_file);
    CHECK(parameter.type == WrapType::a256ctr);
  }
}

TEST_CASE("only the first = of a field splits, and one colon splits nothing") {
  const KeyParameter parameter = parse_key_parameter("keypath=a=b:c::keyid=k=v:w");
  CHECK(parameter.file == "a=b:c");
  CHECK(parameter.kid == "k=v:w");
}

TEST_CASE("a parameter that is not there is said to be missing") {
  for (const char* text : {"", "Enabled"}) {
    CHECK_THAT(refusal(text), Catch::ContainsSubstring("is missing"));
  }
}

TEST_CASE("a parameter of neither form is refused") {
  for (const char* text : {"MARKER", ":", ":MARKER", "MARKER:", "enabled", " "}) {
    CHECK_THAT(refusal(text), Catch::ContainsSubstring("is not FILE:KEYID"));
  }
}

TEST_CASE("fields that lack, repeat, are empty or unknown are refused") {
  for (const char* text : {"keypath=MARKER", "keypath=MARKER::algorithm=A256GCM", "keyid=MARKER",
                           "algorithm=A256GCM"}) {
    CHECK_THAT(refusal(text), Catch::ContainsSubstring("lacks keypath or keyid"));
  }
  for (const char* text : {"keypath=a::keypath=a::keyid=k", "keypath=a::keyid=MARKER::keyid=k",
                           "keypath=a::keyid=k::algorithm=A256GCM::algorithm=A256GCM"}) {
    CHECK_THAT(refusal(text), Catch::ContainsSubstring("has a field twice"));
  }
  for (const char* text : {"keypath=", "keypath=::keyid=MARKER", "keypath=a::keyid=",
                           "keypath=a::keyid", "keypath=a::keyid=k::algorithm="}) {
    CHECK_THAT(refusal(text), Catch::ContainsSubstring("has an empty field"));
  }
  for (const char* text :
       {"keypath=a::keyid=k::", "keypath=a::keyid=k::MARKER=1", "keypath=a::keyid=k::MARKER",
        "keypath=a::::keyid=k", "keypath=a::KeyId=k", "keypath=a:: keyid=k", "keypath=a::=k"}) {
    CHECK_THAT(refusal(text), Catch::ContainsSubstring("has a field other than"));
  }
}

TEST_CASE("a parameter that is not UTF-8 is refused, because its id has to stand in JSON") {
  for (const char* text : {"\xff", "MARKER:\xff", "\xff:MARKER", "keypath=\xc3::keyid=k",
                           "keypath=f::keyid=\xed\xa0\x80"}) {
    CHECK_THAT(refusal(text), Catch::ContainsSubstring("is not UTF-8"));
  }
  CHECK(parse_key_parameter("\xc3\xa9:\xc3\xa9").kid == "\xc3\xa9");
}

TEST_CASE("every refusal of a parameter says what to write") {
  for (const char* text : {"", "MARKER", "keypath=MARKER"}) {
    CHECK_THAT(refusal(text),
               Catch::ContainsSubstring("write keys.json:key_id1, or keypath=FILE::keyid="));
  }
}

TEST_CASE("another algorithm is not supported") {
  for (const char* algorithm : {"A128GCM", "a256gcm", "MARKER"}) {
    CHECK(status_of("keypath=f::keyid=k::algorithm="s + algorithm) == Status::unsupported);
  }
}

TEST_CASE("a key comes from a keys file by its id") {
  const TempTree tree;
  const std::string file = tree.write("keys.json", keys_file("key_id1", kKey));
  CHECK(loaded(in_keys_file(file, "key_id1")) == core::as_text(kKey));
}

TEST_CASE("an id with a path is found however it is written, exactly first") {
  const TempTree tree;
  const std::string file = tree.write("keys.json", keys_file("r/t/t", kKey));
  for (const char* kid : {"r/t/t", "kbs:///r/t/t", "kbs://host/r/t/t", "/r/t/t", "host/r/t/t"}) {
    CHECK(loaded(in_keys_file(file, kid)) == core::as_text(kKey));
  }
  const core::Bytes other = test::counting(32, 99);
  const std::string both =
      tree.write("both.json", "{\"r/t/t\":\"" + core::base64::encode(other) +
                                  "\",\"kbs:///r/t/t\":\"" + core::base64::encode(kKey) + "\"}");
  CHECK(loaded(in_keys_file(both, "kbs:///r/t/t")) == core::as_text(kKey));
  CHECK(loaded(in_keys_file(both, "kbs://host/r/t/t")) == core::as_text(other));
}

TEST_CASE("an id that the keys file lacks is said with the file's name, not with the id") {
  const TempTree tree;
  const std::string file = tree.write("keys.json", keys_file("key_id1", kKey));
  for (const char* kid : {"MARKER", "key_id2", "a/b/key_id1", "kbs:///MARKER/b/c"}) {
    const auto failure = load_failure(in_keys_file(file, kid));
    CHECK(failure.status == Status::unknown_key);
    CHECK(failure.text == file + " has no key with the id asked for");
  }
}

TEST_CASE("a keys file that is none is refused as a keyset") {
  const TempTree tree;
  for (const char* text :
       {"", "MARKER", "[]", "{\"a\":\"MARKER\"}", "{\"a\":\"QQ==\",\"a\":\"\"}"}) {
    const std::string file = tree.write("keys.json", text);
    CHECK(load_failure(in_keys_file(file, "a")).status == Status::keyset);
  }
}

TEST_CASE("a keys file that is encrypted is told from one that is malformed") {
  const TempTree tree;
  const std::string file =
      tree.write("keys.json", R"({"protected":"e30","iv":"AA","ciphertext":"AA","tag":"AA"})");
  const auto failure = load_failure(in_keys_file(file, "a"));
  CHECK(failure.status == Status::keyset);
  CHECK_THAT(failure.text, Catch::ContainsSubstring(file + " is encrypted"));
}

TEST_CASE("a keys file of more than one MiB is not read to its end") {
  const TempTree tree;
  const std::string file = tree.write("keys.json", std::string((1U << 20) + 1, ' '));
  CHECK(load_failure(in_keys_file(file, "a")).status == Status::keyset);
}

TEST_CASE("a raw file holds the key's 32 bytes, whatever they are") {
  const TempTree tree;
  for (const unsigned first : {0U, 10U, 200U}) {
    const core::Bytes key = test::counting(32, first);
    CHECK(loaded(raw(tree.write("key", core::as_text(key)))) == core::as_text(key));
  }
}

TEST_CASE("a key of another length is refused, from either kind of file") {
  const TempTree tree;
  for (const std::size_t size : {0U, 16U, 31U, 33U, 64U, 100000U}) {
    INFO(size);
    const core::Bytes key = test::counting(size);
    const std::string file = tree.write("key", core::as_text(key));
    CHECK(load_failure(raw(file)).status == Status::argument);
    const std::string keys = tree.write("keys.json", keys_file("a", key));
    const auto failure = load_failure(in_keys_file(keys, "a"));
    CHECK(failure.status == Status::argument);
    CHECK(failure.text ==
          "the key from " + keys + " has " + std::to_string(size) + " bytes; 32 are needed");
  }
}

TEST_CASE("a file that is not there is an I/O error with its absolute path") {
  const auto failure = load_failure(in_keys_file("no/such.json", "MARKER"));
  CHECK(failure.status == Status::io);
  CHECK_THAT(failure.text,
             Catch::ContainsSubstring(boost::filesystem::absolute("no/such.json").string()));
  CHECK(load_failure(raw("no/such.key")).status == Status::io);
}

TEST_CASE("every message about a file shows its absolute path") {
  const TempTree tree;
  const auto shown = [&tree](const std::string& content) {
    const std::string file = boost::filesystem::relative(tree.write("keys", content)).string();
    const std::string text = load_failure(in_keys_file(file, "key_id1")).text;
    return file.front() != '/' &&
           text.find(boost::filesystem::absolute(file).string()) != std::string::npos;
  };
  CHECK(shown("{}"));
  CHECK(shown("{\"key_id1\":\"QUJD\"}"));
  CHECK(shown(std::string((1U << 20) + 1, ' ')));
}

TEST_CASE("a pipe or a folder in the place of a key's file is refused without waiting") {
  const TempTree tree;
  const std::string pipe = tree.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& file : {pipe, tree.path(), "/dev/null"s}) {
    CHECK(load_failure(raw(file)).status == Status::io);
    CHECK(load_failure(in_keys_file(file, "a")).status == Status::io);
  }
}

TEST_CASE("a dash is a file's name here, and not standard input") {
  CHECK(load_failure(in_keys_file("-", "a")).status == Status::io);
}

TEST_CASE("an id with a path is written as the current generation writes it") {
  for (const char* kid : {"r/t/t", "/r/t/t", "//r/t/t", "kbs:///r/t/t", "kbs:////r/t/t",
                          "kbs:///kbs:///r/t/t", "host/r/t/t"}) {
    INFO(kid);
    CHECK(tools::current_kid(kid) == "kbs:///r/t/t");
  }
  CHECK(tools::current_kid("kbs://host:8080/r/t/t") == "kbs://host:8080/r/t/t");
}

TEST_CASE("an id without a path stays as it is") {
  for (const char* kid : {"key_id1", "", "a/b", "kbs://a/b/c", "kbs+plugin:///a/b/c", "a/../c"}) {
    CHECK(tools::current_kid(kid) == kid);
  }
}

namespace {

// A throw-away key, and options that must not be seen.
const core::Bytes kWrapKey = test::counting(32, 77);
constexpr std::string_view kOptions = R"({"symkeyopts":"MARKER"})";

Request request_of(std::vector<Parameters> parameters) {
  Request request;
  request.operation = Operation::keywrap;
  request.parameters = std::move(parameters);
  request.options = core::SecretBytes(kOptions.size());
  std::copy(kOptions.begin(), kOptions.end(), request.options.expose_writable().begin());
  return request;
}

Request request_of(const std::string& parameter) {
  return request_of(std::vector<Parameters>{{"attestation-agent", {parameter}}});
}

Packet packet_of(const Request& request) {
  const core::SecretBytes answer = tools::answer_keywrap(request);
  const auto json = nlohmann::json::parse(answer.expose_text());
  const auto bytes = json.at("keywrapresults").at("annotation").get<core::Bytes>();
  return core::parse_packet(core::as_text(bytes));
}

std::string opened(const Packet& packet) {
  core::Bytes out(core::KeyWrapCipher::unwrapped_size(packet.type, packet.wrapped.size()));
  core::KeyWrapCipher().unwrap(packet.type, kWrapKey, packet.iv, packet.wrapped, out);
  return std::string(core::as_text(out));
}

test::Failure failure_of(const Request& request) {
  return test::failure_of([&] { static_cast<void>(tools::answer_keywrap(request)); });
}

// A folder with the key in both kinds of file.
struct Keys {
  TempTree tree;
  std::string keys_file = tree.write(
      "keys.json", "{\"key_id1\":\"" + core::base64::encode(kWrapKey) + "\",\"short\":\"QUJD\"}");
  std::string raw_file = tree.write("key", core::as_text(kWrapKey));
};

}  // namespace

TEST_CASE("the demo's parameter wraps the options with the key that it names") {
  const Keys keys;
  const Packet packet = packet_of(request_of(keys.keys_file + ":key_id1"));
  CHECK(packet.kid == "key_id1");
  CHECK(packet.type == WrapType::a256gcm);
  CHECK(packet.iv.size() == 12);
  CHECK(opened(packet) == kOptions);
}

TEST_CASE("CoCo's parameter wraps the options with the key that it names") {
  const Keys keys;
  const Packet gcm = packet_of(request_of("keypath=" + keys.raw_file + "::keyid=r/t/t"));
  CHECK(gcm.kid == "kbs:///r/t/t");
  CHECK(gcm.type == WrapType::a256gcm);
  CHECK(opened(gcm) == kOptions);
  const Packet ctr = packet_of(
      request_of("keypath=" + keys.raw_file + "::keyid=kbs://h/r/t/t::algorithm=A256CTR"));
  CHECK(ctr.kid == "kbs://h/r/t/t");
  CHECK(ctr.type == WrapType::a256ctr);
  CHECK(opened(ctr) == kOptions);
}

TEST_CASE("wrapping the same options twice gives two packets") {
  const Keys keys;
  const Request request = request_of(keys.keys_file + ":key_id1");
  const Packet first = packet_of(request);
  const Packet second = packet_of(request);
  CHECK(first.iv != second.iv);
  CHECK(first.wrapped != second.wrapped);
}

TEST_CASE("options of any length are wrapped, none included") {
  const Keys keys;
  for (const std::size_t size : {0U, 1U, 16U, 10000U}) {
    Request request = request_of(keys.keys_file + ":key_id1");
    request.options = core::SecretBytes(size);
    CHECK(opened(packet_of(request)) == std::string(size, '\0'));
  }
}

TEST_CASE("the only list of parameters is ours, whatever its name; of several, ours by name") {
  const Keys keys;
  const std::string parameter = keys.keys_file + ":key_id1";
  CHECK(packet_of(request_of({{"another name", {parameter}}})).kid == "key_id1");
  CHECK(packet_of(request_of({{"a", {"MARKER"}}, {"attestation-agent", {parameter}}})).kid ==
        "key_id1");
  for (const auto& parameters :
       {std::vector<Parameters>{}, {{"MARKER", {parameter}}, {"other", {parameter}}}}) {
    const auto failure = failure_of(request_of(parameters));
    CHECK(failure.status == Status::request);
    CHECK_THAT(failure.text,
               Catch::ContainsSubstring("no parameter of provider attestation-agent"));
  }
}

TEST_CASE("no parameter, or more than one, is refused with their number") {
  const auto none = failure_of(request_of({{"attestation-agent", {}}}));
  CHECK(none.status == Status::request);
  CHECK(none.text == "the request has 0 encryption parameters; one is needed");
  const auto two = failure_of(request_of({{"attestation-agent", {"MARKER:a", "MARKER:b"}}}));
  CHECK(two.status == Status::request);
  CHECK(two.text == "the request has 2 encryption parameters; one is needed");
}

TEST_CASE("what is wrong with parameter, file or key has its status, and holds no secret") {
  const Keys keys;
  CHECK(failure_of(request_of("Enabled")).status == Status::request);
  CHECK(failure_of(request_of("MARKER")).status == Status::request);
  CHECK(failure_of(request_of(keys.keys_file + ":MARKER")).status == Status::unknown_key);
  CHECK(failure_of(request_of(keys.keys_file + ":short")).status == Status::argument);
  CHECK(failure_of(request_of(keys.keys_file + ".not:key_id1")).status == Status::io);
  CHECK(failure_of(request_of(keys.raw_file + ":key_id1")).status == Status::keyset);
  CHECK(failure_of(request_of("keypath=" + keys.raw_file + "::keyid=a::algorithm=x")).status ==
        Status::unsupported);
}

TEST_CASE("an id that is not UTF-8 can't stand in a packet and is refused") {
  const Keys keys;
  const auto failure = failure_of(request_of("keypath=" + keys.raw_file + "::keyid=MARKER\xff"));
  CHECK(failure.status == Status::request);
}

}  // namespace oskbc::keywrap_test
