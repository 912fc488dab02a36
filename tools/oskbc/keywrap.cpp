// SPDX-License-Identifier: Apache-2.0
#include "oskbc/keywrap.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/status.h"
#include "crypto/key_wrap_cipher.h"
#include "format/packet.h"
#include "oskbc/key_parameter.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::Status;
using core::keyprovider::Operation;
using core::keyprovider::Parameters;
using core::keyprovider::Request;

constexpr std::string_view kProvider = "attestation-agent";

// Under whatever name the configuration gave us, where there is only one; else under the usual
// name.
const Parameters& own_parameters(const Request& request) {
  const auto& all = request.parameters;
  if (all.size() == 1) return all.front();
  const auto own = std::find_if(all.begin(), all.end(), [](const Parameters& parameters) {
    return parameters.provider == kProvider;
  });
  if (own == all.end())
    fail(Status::request, "the request has no parameter of provider attestation-agent");
  return *own;
}

// A packet has one recipient, and leaving out the others silently would lose them.
const std::string& only_parameter(const Request& request) {
  const Parameters& own = own_parameters(request);
  if (own.values.size() != 1) {
    fail(Status::request, "the request has %zu encryption parameters; one is needed",
         own.values.size());
  }
  return own.values.front();
}

core::Packet wrap(const KeyParameter& parameter, core::ByteView options) {
  const core::SecretBytes kek = load_kek(parameter);
  core::Packet packet{.kid = current_kid(parameter.kid),
                      .wrapped = core::Bytes(options.size() + core::tag_size(parameter.type)),
                      .iv = core::Bytes(core::iv_size(parameter.type)),
                      .type = parameter.type};
  core::KeyWrapCipher().wrap(parameter.type, kek.expose(), options, packet.iv, packet.wrapped);
  return packet;
}

}  // namespace

core::SecretBytes answer_keywrap(const Request& request) {
  const KeyParameter parameter = parse_key_parameter(only_parameter(request));
  const std::string packet = core::write_packet(wrap(parameter, request.options.expose()));
  core::SecretBytes answer(core::keyprovider::longest_answer(Operation::keywrap, packet.size()));
  answer.resize(core::keyprovider::write_answer(Operation::keywrap, core::as_bytes(packet),
                                                answer.expose_writable()));
  return answer;
}

}  // namespace oskbc::tools
