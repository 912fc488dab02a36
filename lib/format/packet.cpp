// SPDX-License-Identifier: Apache-2.0
#include "format/packet.h"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "base/status.h"
#include "format/base64.h"

namespace oskbc::core {
namespace {

using nlohmann::json;

struct WrapTypeName {
  std::string_view name;
  WrapType type;
};

// The spellings of A3's generations; the first of each type is the current one.
constexpr WrapTypeName kWrapTypeNames[] = {
    {"A256GCM", WrapType::a256gcm},     {"A256CTR", WrapType::a256ctr},
    {"aes_256_gcm", WrapType::a256gcm}, {"aes_256_ctr", WrapType::a256ctr},
    {"aes-256-gcm", WrapType::a256gcm}, {"aes-256-ctr", WrapType::a256ctr},
};

constexpr std::array kFields = {
    "kid",      "wrapped_data",      "iv",         "wrap_type", "version",
    "provider", "provider_settings", "annotations"};

[[noreturn]] void malformed(const char* why) {
  fail(Status::packet, "the annotation packet is malformed: %s", why);
}

[[noreturn]] void malformed(const char* field, const char* why) {
  fail(Status::packet, "the annotation packet is malformed: \"%s\" %s", field, why);
}

// nlohmann/json keeps the last of several members with one name; this counts them as they come.
class RepeatedFields {
 public:
  void count(const std::string& name) {
    const auto* place = std::find(kFields.begin(), kFields.end(), name);
    if (place == kFields.end()) return;
    if (++counts_[static_cast<std::size_t>(place - kFields.begin())] > 1) repeated_ = *place;
  }
  // The name of one that was repeated, or nullptr.
  [[nodiscard]] const char* repeated() const { return repeated_; }

 private:
  std::array<int, kFields.size()> counts_{};
  const char* repeated_ = nullptr;
};

json parse_object(std::string_view text) {
  if (text.size() > limits::kPacketText) {
    fail(Status::packet, "the annotation packet has more than %zu bytes", limits::kPacketText);
  }
  // nlohmann/json skips a byte order mark; the keyset's reader refuses it, and so do we here.
  if (text.starts_with("\xef\xbb\xbf")) malformed("a byte order mark");
  RepeatedFields fields;
  bool too_deep = false;
  const auto watch = [&](int depth, json::parse_event_t event, const json& value) {
    if (event == json::parse_event_t::key && depth == 1)
      fields.count(value.get_ref<const std::string&>());
    too_deep |= depth > limits::kJsonDepth;
    return !too_deep;
  };
  json object = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (too_deep) malformed("nested too deep");
  if (object.is_discarded()) malformed("not JSON");
  if (!object.is_object()) malformed("not an object");
  if (fields.repeated() != nullptr) malformed(fields.repeated(), "is there twice");
  return object;
}

const json& field(const json& object, const char* name) {
  const auto place = object.find(name);
  if (place == object.end()) malformed(name, "is missing");
  return *place;
}

const std::string& text_of(const json& value, const char* name) {
  if (!value.is_string()) malformed(name, "is not a string");
  return value.get_ref<const std::string&>();
}

std::uint8_t byte_of(const json& value, const char* name) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 255) {
    malformed(name, "holds something else than numbers from 0 to 255");
  }
  return value.get<std::uint8_t>();
}

// The packets of October 2021 have arrays of numbers, all others base64.
Bytes bytes_of(const json& object, const char* name) {
  const json& value = field(object, name);
  if (!value.is_array()) {
    auto bytes = base64::decode(std::string_view(text_of(value, name)));
    if (!bytes) malformed(name, "is not canonical base64");
    return std::move(*bytes);
  }
  Bytes bytes;
  bytes.reserve(value.size());
  for (const json& element : value) bytes.push_back(byte_of(element, name));
  return bytes;
}

void check_optional_text(const json& object, const char* name, std::string_view supported) {
  const auto place = object.find(name);
  if (place != object.end() && text_of(*place, name) != supported) {
    fail(Status::unsupported, "the annotation packet's \"%s\" is not \"%.*s\", the only one read",
         name, static_cast<int>(supported.size()), supported.data());
  }
}

void check_optional_object(const json& object, const char* name) {
  const auto place = object.find(name);
  if (place != object.end() && !place->is_object()) malformed(name, "is not an object");
}

}  // namespace

WrapType parse_wrap_type(std::string_view name) {
  for (const WrapTypeName& known : kWrapTypeNames) {
    if (known.name == name) return known.type;
  }
  fail(Status::unsupported, "the wrap type is not read; A256GCM and A256CTR are");
}

Packet parse_packet(std::string_view text) {
  const json object = parse_object(text);
  Packet packet{text_of(field(object, "kid"), "kid"), bytes_of(object, "wrapped_data"),
                bytes_of(object, "iv"), WrapType::a256gcm};
  const std::string& wrap_type = text_of(field(object, "wrap_type"), "wrap_type");
  check_optional_object(object, "provider_settings");
  check_optional_object(object, "annotations");
  check_optional_text(object, "version", "0.1.0");
  check_optional_text(object, "provider", "kbs");
  packet.type = parse_wrap_type(wrap_type);
  return packet;
}

std::string write_packet(const Packet& packet) {
  const auto* name =
      std::find_if(std::begin(kWrapTypeNames), std::end(kWrapTypeNames),
                   [&](const WrapTypeName& known) { return known.type == packet.type; });
  // Ordered, because people read it: the order in which the key providers write.
  const nlohmann::ordered_json object = {{"kid", packet.kid},
                                         {"wrapped_data", base64::encode(packet.wrapped)},
                                         {"iv", base64::encode(packet.iv)},
                                         {"wrap_type", name->name}};
  return object.dump();
}

}  // namespace oskbc::core
