// SPDX-License-Identifier: Apache-2.0
#include "oskbc/key_parameter.h"

#include <algorithm>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "common/io.h"
#include "format/keyset.h"
#include "format/packet.h"
#include "format/uris.h"
#include "format/utf8.h"

namespace oskbc::tools {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;

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

SecretBytes load_from_keys_file(const KeyParameter& parameter) {
  const SecretBytes text = read_file(parameter.file, core::limits::kKeysetText, Status::keyset);
  const core::Keyset keys = core::Keyset::parse(text.expose_text());
  const auto entry = keys.find_key(parameter.kid);
  if (!entry) {
    fail(Status::unknown_key, "%s has no key with the id asked for",
         absolute_path(parameter.file).c_str());
  }
  return copy_of(keys.expose_value(*entry));
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

}  // namespace oskbc::tools
