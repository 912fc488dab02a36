// SPDX-License-Identifier: Apache-2.0
#include "format/packet.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "format/json_reader.h"

namespace oskbc::core {
namespace {

struct WrapTypeName {
  std::string_view name;
  WrapType type;
};

// The spellings of all generations (lib/README.md).
constexpr WrapTypeName kWrapTypeNames[] = {
    {"A256GCM", WrapType::a256gcm},     {"A256CTR", WrapType::a256ctr},
    {"aes_256_gcm", WrapType::a256gcm}, {"aes_256_ctr", WrapType::a256ctr},
    {"aes-256-gcm", WrapType::a256gcm}, {"aes-256-ctr", WrapType::a256ctr},
};

enum Field { kid, wrapped_data, iv, wrap_type, version, provider, provider_settings, annotations };

constexpr std::array<std::string_view, 8> kFieldNames = {
    "kid",      "wrapped_data",      "iv",         "wrap_type", "version",
    "provider", "provider_settings", "annotations"};

void check_version(std::string_view version) {
  if (version == "0.1.0") return;
  fail(Status::unsupported,
       "the annotation packet's \"version\" is unsupported; \"0.1.0\" is supported");
}

void check_provider(std::string_view provider) {
  if (provider == "kbs") return;
  fail(Status::unsupported,
       "the annotation packet's \"provider\" is unsupported; \"kbs\" is supported");
}

struct Origin {
  std::optional<std::string> version;
  std::optional<std::string> provider;
};

Origin read_origin(std::string_view text) {
  JsonReader reader(text, Status::packet, "annotation packet");
  Origin origin;
  const auto read_once = [&reader](std::optional<std::string>& field) {
    if (field) reader.malformed("a name is there twice");
    field = to_string(reader.string());
  };
  for (bool more = reader.enter_object(); more; more = reader.next_member()) {
    const JsonString name = reader.name();
    const bool is_text = reader.peek() == '"';
    if (is_text && equals(name, kFieldNames[version])) {
      read_once(origin.version);
    } else if (is_text && equals(name, kFieldNames[provider])) {
      read_once(origin.provider);
    } else {
      reader.skip_value();
    }
  }
  reader.finish();
  return origin;
}

// Looks at nothing else, so that another provider's packet is called that, whatever its other
// fields hold. What is no JSON, or has two, has none.
void check_origin(std::string_view text) {
  Origin origin;
  try {
    origin = read_origin(text);
  } catch (const Error&) {
    return;
  }
  if (origin.version) check_version(*origin.version);
  if (origin.provider) check_provider(*origin.provider);
}

class PacketParser {
 public:
  explicit PacketParser(std::string_view text)
      : reader_(text, Status::packet, "annotation packet") {}

  Packet parse() {
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) read_member();
    reader_.finish();
    if (seen_[version]) check_version(version_);
    if (seen_[provider]) check_provider(provider_);
    for (const Field field : {kid, wrapped_data, iv, wrap_type}) {
      if (!seen_[field]) refuse(field, "is missing");
    }
    packet_.type = parse_wrap_type(wrap_type_);
    return std::move(packet_);
  }

 private:
  void read_member() {
    const JsonString name = reader_.name();
    const auto* found = std::find_if(kFieldNames.begin(), kFieldNames.end(),
                                     [&](std::string_view known) { return equals(name, known); });
    if (found == kFieldNames.end()) return reader_.skip_value();
    const auto field = static_cast<Field>(found - kFieldNames.begin());
    if (std::exchange(seen_[field], true)) refuse(field, "is there twice");
    read_field(field);
  }

  void read_field(Field field) {
    switch (field) {
      case kid:
        return read_text(field, packet_.kid);
      case wrapped_data:
        return read_bytes(field, packet_.wrapped);
      case iv:
        return read_bytes(field, packet_.iv);
      case wrap_type:
        return read_text(field, wrap_type_);
      case version:
        return read_text(field, version_);
      case provider:
        return read_text(field, provider_);
      case provider_settings:
      case annotations:
        if (reader_.peek() != '{') refuse(field, "is not an object");
        return reader_.skip_value();
    }
  }

  void read_text(Field field, std::string& text) {
    if (reader_.peek() != '"') refuse(field, "is not a string");
    text = to_string(reader_.string());
  }

  // The packets of October 2021 have arrays of numbers, all others base64.
  void read_bytes(Field field, Bytes& bytes) {
    const auto allocate = [&bytes](std::size_t size) {
      bytes.resize(size);
      return ByteSpan(bytes);
    };
    if (reader_.peek() == '[') return read_numbers(reader_, allocate);
    if (reader_.peek() != '"') refuse(field, "is neither base64 nor an array of numbers");
    if (!read_base64(DecodedString(reader_.string()).expose_text(), allocate)) {
      refuse(field, "is not canonical base64");
    }
  }

  [[noreturn]] static void refuse(Field field, const char* why) {
    fail(Status::packet, "the annotation packet is malformed: \"%s\" %s", kFieldNames[field].data(),
         why);
  }

  JsonReader reader_;
  Packet packet_{{}, {}, {}, WrapType::a256gcm};
  std::string wrap_type_;
  std::string version_;
  std::string provider_;
  std::array<bool, kFieldNames.size()> seen_{};
};

}  // namespace

WrapType parse_wrap_type(std::string_view name) {
  for (const WrapTypeName& known : kWrapTypeNames) {
    if (known.name == name) return known.type;
  }
  fail(Status::unsupported, "the wrap type is unsupported; A256GCM and A256CTR are supported");
}

Packet parse_packet(std::string_view text) {
  if (text.size() > limits::kPacketText) {
    fail(Status::packet, "the annotation packet has more than %zu bytes", limits::kPacketText);
  }
  try {
    return PacketParser(text).parse();
  } catch (const Error& error) {
    if (error.status() != Status::packet) throw;
    check_origin(text);
    throw;
  }
}

}  // namespace oskbc::core
