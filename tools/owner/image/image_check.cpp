// SPDX-License-Identifier: Apache-2.0

#include "owner/image/image_check.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"
#include "crypto/key_wrap_cipher.h"
#include "format/json_reader.h"
#include "format/packet.h"
#include "format/recipients.h"
#include "format/uris.h"

namespace oskbc::owner {
namespace {

using core::Status;

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

// Of ocicrypt's specification: one annotation per scheme, base64 of each recipient between commas.
constexpr std::string_view kKeysAnnotation = "org.opencontainers.image.enc.keys.";
constexpr std::string_view kAgentScheme = "provider.attestation-agent";
constexpr std::string_view kEncryptedSuffix = "+encrypted";

class LayerChecker {
 public:
  explicit LayerChecker(const core::Keyset* keys) : keys_(keys) {}

  [[nodiscard]] std::vector<Recipient> recipients(const Descriptor& layer) const {
    std::vector<Recipient> recipients;
    for (const auto& [name, value] : layer.annotations) {
      if (!name.starts_with(kKeysAnnotation)) continue;
      add_recipients(name.substr(kKeysAnnotation.size()), value, recipients);
    }
    return recipients;
  }

 private:
  void add_recipients(const std::string& scheme, std::string_view value,
                      std::vector<Recipient>& recipients) const {
    for (const std::string_view packet : core::split_recipients(value)) {
      Recipient recipient;
      recipient.scheme = scheme;
      if (scheme == kAgentScheme) read_packet(packet, recipient);
      recipients.push_back(std::move(recipient));
    }
  }

  void read_packet(std::string_view text, Recipient& recipient) const {
    try {
      const core::Bytes json = core::decode_recipient(text);
      recipient.packet = core::parse_packet(core::as_text(json));
      recipient.generation = packet_generation(core::as_text(json));
      if (keys_ == nullptr) return;
      recipient.opens = false;
      open(*recipient.packet);
      recipient.opens = true;
    } catch (const core::Error& error) {
      recipient.status = error.status();
      recipient.reason = error.what();
    }
  }

  void open(const core::Packet& packet) const {
    const auto* key = keys_->find_key(packet.kid);
    if (!key) core::fail(Status::unknown_key, "the keyset has no such key id");
    core::SecretBytes options(
        core::KeyWrapCipher::unwrapped_size(packet.type, packet.wrapped.size()));
    cipher_.unwrap(packet.type, keys_->expose_value(*key), packet.iv, packet.wrapped,
                   options.expose_writable());
    if (!core::is_authenticated(packet.type)) check_is_object(options.expose_text());
  }

  // CTR opens with any key. Only that ocicrypt's options are a JSON object tells the right one.
  static void check_is_object(std::string_view options) {
    core::JsonReader reader(options, Status::decrypt, "unwrapped options");
    try {
      if (reader.peek() != '{') reader.malformed("no object");
      reader.skip_value();
      reader.finish();
    } catch (const core::Error&) {
      core::fail(Status::decrypt,
                 "the packet opens to no JSON object: wrong key, or it was altered");
    }
  }

  const core::Keyset* keys_;
  core::KeyWrapCipher cipher_;
};

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

bool LayerReport::opens() const noexcept {
  return std::any_of(recipients.begin(), recipients.end(),
                     [](const Recipient& recipient) { return recipient.opens.value_or(false); });
}

Status LayerReport::verdict(bool with_keys) const noexcept {
  if (!artifact.empty()) return Status::ok;
  if (!encrypted) return Status::argument;
  if (with_keys ? opens()
                : std::any_of(recipients.begin(), recipients.end(),
                              [](const Recipient& r) { return r.packet.has_value(); })) {
    return Status::ok;
  }
  const auto* told = std::max_element(
      recipients.data(), recipients.data() + recipients.size(), [](const auto& a, const auto& b) {
        return core::MostTelling::weight(a.status) < core::MostTelling::weight(b.status);
      });
  // For others than the attestation agent, or for nobody.
  if (recipients.empty() || told->status == Status::ok) return Status::unsupported;
  return told->status;
}

namespace {

LayerReport check_layer(const OciLayout& image, const LayerChecker& checker,
                        const ImageManifest& manifest, const Descriptor& layer) {
  LayerReport report;
  report.manifest = manifest.digest;
  report.number = static_cast<std::size_t>(&layer - manifest.layers.data()) + 1;
  report.count = manifest.layers.size();
  report.layer = layer;
  report.absent = layer.foreign && !image.has_blob(layer);
  if (!report.absent) image.verify_blob(layer);
  report.encrypted = layer.media_type.ends_with(kEncryptedSuffix);
  report.recipients = checker.recipients(layer);
  return report;
}

}  // namespace

std::vector<LayerReport> check_image(const std::string& name, const core::Keyset* keys) {
  const ImageName named = parse_image_name(name);
  OciLayout image(named.folder);
  const LayerChecker checker(keys);
  std::vector<LayerReport> reports;
  for (const ImageManifest& manifest : image.manifests(named.tag)) {
    if (!manifest.artifact.empty()) {
      LayerReport& report = reports.emplace_back();
      report.manifest = manifest.digest;
      report.artifact = manifest.artifact;
      continue;
    }
    for (const Descriptor& layer : manifest.layers) {
      reports.push_back(check_layer(image, checker, manifest, layer));
    }
  }
  return reports;
}

}  // namespace oskbc::owner
