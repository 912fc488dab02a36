// SPDX-License-Identifier: Apache-2.0
#include "oskbc/keywrap.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/status.h"
#include "crypto/key_wrap_cipher.h"
#include "format/base64.h"
#include "format/packet.h"
#include "support/catch.h"
#include "support/temp_tree.h"
#include "unit/failure.h"
#include "unit/test_bytes.h"

using namespace oskbc;
using core::Packet;
using core::Status;
using core::WrapType;
using core::keyprovider::Operation;
using core::keyprovider::Parameters;
using core::keyprovider::Request;
using test::TempTree;

namespace {

// A throw-away key, and options that must not be seen.
const core::Bytes kKey = test::counting(32, 77);
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
  core::KeyWrapCipher().unwrap(packet.type, kKey, packet.iv, packet.wrapped, out);
  return std::string(core::as_text(out));
}

test::Failure failure_of(const Request& request) {
  return test::failure_of([&] { static_cast<void>(tools::answer_keywrap(request)); });
}

// A folder with the key in both kinds of file.
struct Keys {
  TempTree tree;
  std::string keys_file = tree.write(
      "keys.json", "{\"key_id1\":\"" + core::base64::encode(kKey) + "\",\"short\":\"QUJD\"}");
  std::string raw_file = tree.write("key", core::as_text(kKey));
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
