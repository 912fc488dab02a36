// SPDX-License-Identifier: Apache-2.0
#include "oskbc/keywrap.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "common/io.h"
#include "crypto/key_wrap_cipher.h"
#include "format/keyset.h"
#include "format/packet.h"
#include "format/uris.h"
#include "format/utf8.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;
using core::keyprovider::Operation;
using core::keyprovider::Parameters;
using core::keyprovider::Request;

// ocicrypt writes this where the command line has no parameter.
constexpr std::string_view kNoParameter = "Enabled";

[[noreturn]] void malformed(const char* why) {
  fail(
      Status::request,
      "the encryption parameter %s; write keys.json:key_id1, or keypath=FILE::keyid=kbs:///repository/type/tag::algorithm=A256GCM",
      why);
}

bool has_fields(std::string_view text) {
  return text.starts_with("keypath=") || text.starts_with("keyid=") ||
         text.starts_with("algorithm=");
}

void set_once(std::string& field, std::string_view value) {
  if (!field.empty()) malformed("has a field twice");
  if (value.empty()) malformed("has an empty field");
  field = value;
}

KeyParameter parse_fields(std::string_view text) {
  KeyParameter parameter;
  parameter.raw_file = true;
  std::string algorithm;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find("::");
    const std::string_view field = text.substr(0, end);
    const std::size_t split = std::min(field.find('='), field.size());
    const std::string_view name = field.substr(0, split);
    const std::string_view value = field.substr(std::min(split + 1, field.size()));
    if (name == "keypath") {
      set_once(parameter.file, value);
    } else if (name == "keyid") {
      set_once(parameter.kid, value);
    } else if (name == "algorithm") {
      set_once(algorithm, value);
    } else {
      malformed("has a field other than keypath, keyid and algorithm");
    }
    if (end != std::string_view::npos) text.remove_prefix(end + 2);
  }
  if (parameter.file.empty() || parameter.kid.empty()) malformed("lacks keypath or keyid");
  if (!algorithm.empty()) parameter.type = core::parse_wrap_type(algorithm);
  return parameter;
}

KeyParameter parse_pair(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    malformed("is not FILE:KEYID");
  }
  KeyParameter parameter;
  parameter.file = text.substr(0, colon);
  parameter.kid = text.substr(colon + 1);
  return parameter;
}

SecretBytes copy_of(core::ByteView bytes) {
  SecretBytes copy(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.expose_writable().begin());
  return copy;
}

// The owner's tools encrypt keys files, and have what opens them.
core::Keyset parse_keys(const std::string& file, std::string_view text) try {
  return core::Keyset::parse(text);
} catch (const core::Error&) {
  if (text.find("\"ciphertext\"") == std::string_view::npos) throw;
  fail(
      Status::keyset,
      "%s is encrypted; wrapping takes a plain keys file, which sev-guest-owner keys unseal makes of it",
      absolute_path(file).c_str());
}

SecretBytes load_from_keys_file(const KeyParameter& parameter) {
  const SecretBytes text = read_file(parameter.file, core::limits::kKeysetText, Status::keyset);
  const core::Keyset keys = parse_keys(parameter.file, text.expose_text());
  const auto* entry = keys.find_key(parameter.kid);
  if (!entry) {
    fail(Status::unknown_key, "%s has no key with the id asked for",
         absolute_path(parameter.file).c_str());
  }
  return copy_of(keys.expose_value(*entry));
}

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

KeyParameter parse_key_parameter(std::string_view text) {
  if (text.empty() || text == kNoParameter) malformed("is missing");
  if (!core::utf8::is_valid(text)) malformed("is not UTF-8");
  return has_fields(text) ? parse_fields(text) : parse_pair(text);
}

SecretBytes load_kek(const KeyParameter& parameter) {
  SecretBytes kek = parameter.raw_file ? read_file(parameter.file, core::kKekSize, Status::argument)
                                       : load_from_keys_file(parameter);
  if (kek.size() != core::kKekSize) {
    fail(Status::argument, "the key from %s has %zu bytes; %zu are needed",
         absolute_path(parameter.file).c_str(), kek.size(), core::kKekSize);
  }
  return kek;
}

std::string current_kid(std::string_view kid) {
  const auto path = core::resource_path(kid);
  if (!path) return std::string(kid);
  // A host is part of the URI; only what follows it is the path.
  const bool is_current = kid.starts_with("kbs://") &&
                          kid.find("kbs://", 1) == std::string_view::npos &&
                          !kid.starts_with("kbs:////");
  return is_current ? std::string(kid) : "kbs:///" + std::string(*path);
}

core::SecretBytes answer_keywrap(const Request& request) {
  const KeyParameter parameter = parse_key_parameter(only_parameter(request));
  const std::string packet = core::write_packet(wrap(parameter, request.options.expose()));
  core::SecretBytes answer(core::keyprovider::longest_answer(Operation::keywrap, packet.size()));
  answer.resize(core::keyprovider::write_answer(Operation::keywrap, core::as_bytes(packet),
                                                answer.expose_writable()));
  return answer;
}

}  // namespace oskbc::tools
