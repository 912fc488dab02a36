// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/keyset.h"
#include "format/packet.h"
#include "owner/image/oci_layout.h"

namespace oskbc::owner {

// The generations of lib/README.md's table, named by when key providers wrote them.
enum class PacketGeneration {
  october_2021,    // arrays of numbers
  november_2021,   // base64, aes_256_ctr: the demo's
  december_2022,   // aes_256_gcm
  february_2023,   // A256GCM, A256CTR; kbs:///repository/type/tag or a plain id
  march_2023,      // a scheme or a slash too many
  september_2023,  // "V2": with a version
  may_2026,        // a path without its scheme
};

// Tells the generation of a packet that core::parse_packet() takes.
[[nodiscard]] PacketGeneration packet_generation(std::string_view packet);

// In words for people.
[[nodiscard]] const char* name_of(PacketGeneration generation) noexcept;

// One for whom a layer's key is wrapped.
struct Recipient {
  std::string scheme;  // "provider.attestation-agent"; of others "jwe", "pkcs7", ...
  // Of the attestation agent only, and only if its packet can be read:
  std::optional<core::Packet> packet;
  std::optional<PacketGeneration> generation;
  // Whether the keyset opens the packet; nothing if there is none. If not, the reason.
  std::optional<bool> opens;
  core::Status status = core::Status::ok;
  std::string reason;
};

struct LayerReport {
  std::string manifest;
  // Of a manifest that is no image, there is one report, with its kind here and no layer.
  std::string artifact;
  std::size_t number = 0;  // from 1
  std::size_t count = 0;
  Descriptor layer;
  bool absent = false;  // kept elsewhere, and not in the layout
  bool encrypted = false;
  std::vector<Recipient> recipients;

  [[nodiscard]] bool opens() const noexcept;
  // What keeps the layer from its guest, Status::ok if nothing does: it has to be encrypted for the
  // attestation agent, and if a keyset was given, that has to open it.
  [[nodiscard]] core::Status verdict(bool with_keys) const noexcept;
};

// Looks at every layer of every image that is named; the layers' blobs are checked too.
[[nodiscard]] std::vector<LayerReport> check_image(const std::string& name,
                                                   const core::Keyset* keys);

}  // namespace oskbc::owner
