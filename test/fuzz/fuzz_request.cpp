// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/status.h"
#include "format/base64.h"
#include "format/keyprovider.h"
#include "fuzz/fuzz_common.h"

namespace oskbc::fuzz {
namespace {

using core::keyprovider::Operation;
using core::keyprovider::Request;
using nlohmann::json;

std::string annotation_of(const Request& request) {
  if (request.annotations.empty()) return "null";
  std::string packets;
  for (const core::Bytes& packet : request.annotations) {
    packets += (&packet == &request.annotations.front() ? "" : ",") + core::base64::encode(packet);
  }
  return "\"" + packets + "\"";
}

// The request in one spelling, as Go's ocicrypt has it.
std::string rewritten(const Request& request) {
  std::string parameters;
  for (const auto& [provider, values] : request.parameters) {
    json encoded = json::array();
    for (const std::string& value : values)
      encoded.push_back(core::base64::encode(core::as_bytes(value)));
    parameters += (parameters.empty() ? "" : ",") + json(provider).dump() + ":" + encoded.dump();
  }
  const bool wraps = request.operation == Operation::keywrap;
  return R"({"op":")" + std::string(wraps ? "keywrap" : "keyunwrap") +
         R"(","keywrapparams":{"ec":{"Parameters":{)" + parameters + R"(}},"optsdata":")" +
         core::base64::encode(request.options.expose()) + R"("},"keyunwrapparams":{"annotation":)" +
         annotation_of(request) + "}}";
}

bool same(const Request& a, const Request& b) {
  return a.operation == b.operation && a.annotations == b.annotations &&
         a.options.expose_text() == b.options.expose_text() &&
         std::ranges::equal(a.parameters, b.parameters, [](const auto& left, const auto& right) {
           return left.provider == right.provider && left.values == right.values;
         });
}

void check_answer(Operation operation, ByteView bytes) {
  core::Bytes answer(core::keyprovider::longest_answer(operation, bytes.size()));
  answer.resize(core::keyprovider::write_answer(operation, bytes, answer));
  const json expected =
      operation == Operation::keywrap
          ? json{{"keywrapresults", {{"annotation", core::Bytes(bytes.begin(), bytes.end())}}}}
          : json{{"keyunwrapresults", {{"optsdata", core::Bytes(bytes.begin(), bytes.end())}}}};
  require(json::parse(answer) == expected, "an answer parses back to exactly its bytes");
}

void fuzz_request(ByteView bytes) {
  std::optional<Request> request;
  const auto status =
      status_of([&] { request = core::keyprovider::parse_request(core::as_text(bytes)); });
  require(status == (request ? core::Status::ok : core::Status::request),
          "a request has two outcomes");
  if (!request) return;
  require(same(core::keyprovider::parse_request(rewritten(*request)), *request),
          "a request that is written again reads back as it was");
  for (const core::Bytes& packet : request->annotations) check_answer(Operation::keywrap, packet);
  check_answer(Operation::keyunwrap, request->options.expose());
  check_answer(request->operation, bytes.first(std::min<std::size_t>(bytes.size(), 64)));
}

const Target request_target("request", fuzz_request);

}  // namespace
}  // namespace oskbc::fuzz
