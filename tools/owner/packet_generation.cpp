// SPDX-License-Identifier: Apache-2.0
#include "owner/packet_generation.h"

#include <string>

#include <nlohmann/json.hpp>

#include "format/key_id.h"
#include "format/packet.h"

namespace oskbc::owner {
namespace {

constexpr std::string_view kScheme = "kbs://";

PacketGeneration generation_by_kid(std::string_view kid) {
  if (!kid.starts_with(kScheme)) {
    // A leading slash or a host, which a path of itself has not.
    const auto path = core::resource_path(kid);
    return path && *path != kid ? PacketGeneration::may_2026 : PacketGeneration::february_2023;
  }
  const std::string_view rest = kid.substr(kScheme.size());
  const bool doubled = rest.starts_with("//") || rest.find(kScheme) != std::string_view::npos;
  return doubled ? PacketGeneration::march_2023 : PacketGeneration::february_2023;
}

}  // namespace

PacketGeneration packet_generation(std::string_view packet) {
  const core::Packet parsed = core::parse_packet(packet);
  const auto object = nlohmann::json::parse(packet.begin(), packet.end());
  if (object.at("wrapped_data").is_array()) return PacketGeneration::october_2021;
  if (object.contains("version")) return PacketGeneration::september_2023;
  const auto& wrap_type = object.at("wrap_type").get_ref<const std::string&>();
  if (wrap_type.starts_with("aes")) {
    return parsed.type == core::WrapType::a256ctr ? PacketGeneration::november_2021
                                                  : PacketGeneration::december_2022;
  }
  return generation_by_kid(parsed.kid);
}

const char* name_of(PacketGeneration generation) noexcept {
  switch (generation) {
    case PacketGeneration::october_2021:
      return "October 2021";
    case PacketGeneration::november_2021:
      return "November 2021 to December 2022";
    case PacketGeneration::december_2022:
      return "December 2022";
    case PacketGeneration::february_2023:
      return "February 2023 on";
    case PacketGeneration::march_2023:
      return "March 2023";
    case PacketGeneration::september_2023:
      return "September 2023 (V2)";
    case PacketGeneration::may_2026:
      return "May 2026";
  }
  return "";
}

}  // namespace oskbc::owner
