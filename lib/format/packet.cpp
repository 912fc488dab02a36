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

[[noreturn]] void refuse(Field field, const char* why) {
  fail(Status::packet, "the annotation packet is malformed: \"%s\" %s", kFieldNames[field].data(),
       why);
}

[[noreturn]] void refuse_length() {
  fail(Status::packet, "the annotation packet has more than %zu bytes", limits::kPacketText);
}

class PacketReader {
 public:
  PacketReader(std::string_view text, std::string& unescaped)
      : text_(text), unescaped_(unescaped), reader_(text, Status::packet, "annotation packet") {}

  PacketFields read() {
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) read_member();
    reader_.finish();
    if (seen_[version]) check_version(version_);
    if (seen_[provider]) check_provider(provider_);
    for (const Field field : {kid, wrapped_data, iv, wrap_type}) {
      if (!seen_[field]) refuse(field, "is missing");
    }
    return fields_;
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
        return read_text(field, fields_.kid);
      case wrapped_data:
        return read_bytes(field, fields_.wrapped_data);
      case iv:
        return read_bytes(field, fields_.iv);
      case wrap_type:
        return read_text(field, fields_.wrap_type);
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

  void read_text(Field field, std::string_view& text) {
    if (reader_.peek() != '"') refuse(field, "is not a string");
    const JsonString string = reader_.string();
    text = string.escaped ? unescape(string) : string.raw;
  }

  void read_bytes(Field field, EncodedBytes& bytes) {
    if (reader_.peek() == '"') return read_text(field, bytes.text);
    if (reader_.peek() != '[') refuse(field, "is neither base64 nor an array of numbers");
    const std::size_t start = reader_.position();
    bytes.numbers = count_numbers(reader_);
    bytes.text = text_.substr(start, reader_.position() - start);
  }

  // Room for all strings at once, so that none of them moves.
  std::string_view unescape(const JsonString& string) {
    if (unescaped_.empty()) unescaped_.reserve(text_.size());
    const std::size_t start = unescaped_.size();
    unescaped_ += to_string(string);
    return std::string_view(unescaped_).substr(start);
  }

  std::string_view text_;
  std::string& unescaped_;
  JsonReader reader_;
  PacketFields fields_;
  std::string_view version_;
  std::string_view provider_;
  std::array<bool, kFieldNames.size()> seen_{};
};

// Returns how many there are; `out` has room for them.
std::size_t decode_bytes(Field field, const EncodedBytes& bytes, std::uint8_t* out) {
  if (bytes.numbers) {
    JsonReader reader(bytes.text, Status::packet, "annotation packet");
    read_numbers(reader, ByteSpan(out, *bytes.numbers));
    return *bytes.numbers;
  }
  std::size_t size = 0;
  const auto allocate = [&](std::size_t needed) { return ByteSpan(out, size = needed); };
  if (!read_base64(bytes.text, allocate)) refuse(field, "is not canonical base64");
  return size;
}

}  // namespace

WrapType parse_wrap_type(std::string_view name) {
  for (const WrapTypeName& known : kWrapTypeNames) {
    if (known.name == name) return known.type;
  }
  fail(Status::unsupported, "the wrap type is unsupported; A256GCM and A256CTR are supported");
}

PacketFields read_packet(std::string_view text, std::string& unescaped) {
  if (text.size() > limits::kPacketText) refuse_length();
  try {
    return PacketReader(text, unescaped).read();
  } catch (const Error& error) {
    if (error.status() != Status::packet) throw;
    check_origin(text);
    throw;
  }
}

WrappedOptions decode_fields(const PacketFields& fields) {
  const std::size_t encoded = fields.iv.text.size() + fields.wrapped_data.text.size();
  if (encoded + fields.kid.size() > limits::kPacketText) refuse_length();
  WrappedOptions options;
  // Two characters for a number or four for three bytes: this is enough for both.
  options.bytes = std::make_unique_for_overwrite<std::uint8_t[]>(3 * encoded / 4 + 1);
  options.wrapped_size = decode_bytes(wrapped_data, fields.wrapped_data, options.bytes.get());
  options.iv_size = decode_bytes(iv, fields.iv, options.bytes.get() + options.wrapped_size);
  options.type = parse_wrap_type(fields.wrap_type);
  return options;
}

Packet parse_packet(std::string_view text) {
  std::string unescaped;
  const PacketFields fields = read_packet(text, unescaped);
  const WrappedOptions options = decode_fields(fields);
  const ByteView wrapped = options.wrapped();
  const ByteView iv = options.iv();
  return {std::string(fields.kid), Bytes(wrapped.begin(), wrapped.end()),
          Bytes(iv.begin(), iv.end()), options.type};
}

}  // namespace oskbc::core
