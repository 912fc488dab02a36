// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/status.h"
#include "format/packet.h"
#include "fuzz/fuzz_common.h"
#include "support/naive_base64.h"

namespace oskbc::fuzz {
namespace {

using core::Packet;
using core::Status;
using nlohmann::json;

bool same(const Packet& a, const Packet& b) {
  return a.kid == b.kid && a.wrapped == b.wrapped && a.iv == b.iv && a.type == b.type;
}

std::optional<core::Bytes> bytes_of(const json& value) {
  if (value.is_string()) return test::naive_base64(value.get_ref<const std::string&>());
  return value.get<core::Bytes>();
}

std::optional<core::WrapType> type_of(const json& object) {
  const std::string name = object["wrap_type"];
  if (name == "A256GCM" || name == "aes_256_gcm" || name == "aes-256-gcm")
    return core::WrapType::a256gcm;
  if (name == "A256CTR" || name == "aes_256_ctr" || name == "aes-256-ctr")
    return core::WrapType::a256ctr;
  return std::nullopt;
}

bool is_supported(const json& object) {
  return type_of(object) && object.value("version", "0.1.0") == "0.1.0" &&
         object.value("provider", "kbs") == "kbs";
}

void check_members(const Packet& packet, const json& object) {
  require(is_supported(object), "type, version and provider are ones that are read");
  require(packet.kid == object["kid"].get<std::string>(), "the kid is nlohmann/json's");
  require(packet.wrapped == bytes_of(object["wrapped_data"]), "so is the wrapped data");
  require(packet.iv == bytes_of(object["iv"]), "so is the IV");
  require(packet.type == type_of(object), "so is the wrap type");
}

void fuzz_packet(ByteView bytes) {
  const std::string_view text = core::as_text(bytes);
  std::optional<Packet> packet;
  const Status status = status_of([&] { packet = core::parse_packet(text); });
  if (status == Status::packet) return;
  require(status == Status::ok || status == Status::unsupported, "a packet has three outcomes");
  const json object = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  // A number that no double holds is all that nlohmann/json refuses here (fuzz_json.cpp).
  if (object.is_discarded()) return;
  if (!packet) return require(!is_supported(object), "what is well-formed and known is read");
  check_members(*packet, object);
  require(same(core::parse_packet(core::write_packet(*packet)), *packet),
          "a packet that is written again reads back as it was");
}

const Target packet_target("packet", fuzz_packet);

}  // namespace
}  // namespace oskbc::fuzz
