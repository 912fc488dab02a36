// SPDX-License-Identifier: Apache-2.0
#include "owner/image/oci_layout.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/status.h"
#include "common/io.h"
#include "common/text.h"
#include "owner/crypto/hash.h"

namespace oskbc::owner {
namespace {

using core::fail;
using core::Status;
using nlohmann::json;

// Registries take manifests of up to 4 MiB.
constexpr std::size_t kManifestText = std::size_t{4} << 20;
// An index of platforms has some ten; this bounds the work for a hostile one.
constexpr std::size_t kManifests = 1000;
constexpr std::size_t kLayers = 1000;
// index.json, an index of platforms, and room for one more.
constexpr int kIndexDepth = 3;
constexpr int kJsonDepth = 32;

constexpr std::string_view kAlgorithm = "sha256:";
// The specification's other one.
constexpr std::string_view kLongAlgorithm = "sha512:";

constexpr const char* kTag = "org.opencontainers.image.ref.name";

[[noreturn]] void malformed(const std::string& name, const char* why) {
  fail(Status::argument, "%s of the image layout is malformed: %s", name.c_str(), why);
}

json parse_object(const std::string& text, const std::string& name) {
  bool too_deep = false;
  const auto watch = [&](int depth, json::parse_event_t, const json&) {
    too_deep |= depth > kJsonDepth;
    return !too_deep;
  };
  json object = json::parse(text, watch, /*allow_exceptions=*/false);
  if (too_deep) malformed(name, "nested too deep");
  if (!object.is_object()) malformed(name, "not a JSON object");
  return object;
}

std::string text_member(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_digest(std::string_view text, std::string_view algorithm, std::size_t size) {
  if (!text.starts_with(algorithm)) return false;
  const std::string_view digits = text.substr(algorithm.size());
  return digits.size() == 2 * size &&
         digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Nothing but what passes here ever becomes a file name.
void check_digest(const std::string& digest, const std::string& name) {
  if (is_digest(digest, kAlgorithm, sizeof(Digest))) return;
  if (is_digest(digest, kLongAlgorithm, 64)) {
    fail(
        Status::unsupported,
        "%s of the image layout names a blob by SHA-512, which is not supported; have the image copied with SHA-256",
        name.c_str());
  }
  malformed(name, "a digest is not sha256: and 64 digits");
}

std::string blob_name(const Descriptor& descriptor) {
  return "blobs/sha256/" + descriptor.digest.substr(kAlgorithm.size());
}

// By the names for layers that their maker keeps, as Windows' were.
bool is_foreign(const json& object, std::string_view media_type) {
  return object.contains("urls") ||
         media_type.find(".nondistributable.") != std::string_view::npos ||
         media_type.find(".foreign.") != std::string_view::npos;
}

Descriptor read_descriptor(const json& object, const std::string& name) {
  if (!object.is_object()) malformed(name, "a descriptor is not an object");
  Descriptor descriptor;
  descriptor.media_type = text_member(object, "mediaType");
  descriptor.digest = text_member(object, "digest");
  check_digest(descriptor.digest, name);
  descriptor.foreign = is_foreign(object, descriptor.media_type);
  const auto size = object.find("size");
  if (size == object.end() || !size->is_number_unsigned())
    malformed(name, "a descriptor has no size");
  descriptor.size = size->get<std::uint64_t>();
  const auto annotations = object.find("annotations");
  if (annotations == object.end() || annotations->is_null()) return descriptor;
  if (!annotations->is_object()) malformed(name, "annotations are not an object");
  for (const auto& [key, value] : annotations->items()) {
    if (!value.is_string()) malformed(name, "an annotation is not a string");
    descriptor.annotations.emplace(key, value.get<std::string>());
  }
  return descriptor;
}

std::vector<Descriptor> read_descriptors(const json& object, const char* member, std::size_t most,
                                         const std::string& name) {
  const json& list = object.at(member);
  if (!list.is_array()) malformed(name, "a list of descriptors is none");
  if (list.size() > most) malformed(name, "it has too many descriptors");
  std::vector<Descriptor> descriptors;
  for (const json& element : list) descriptors.push_back(read_descriptor(element, name));
  return descriptors;
}

void check_blob(const Descriptor& descriptor, std::uint64_t size, const Digest& digest) {
  if (size != descriptor.size) malformed(descriptor.digest, "its size is not the descriptor's");
  if (std::string(kAlgorithm) + tools::to_hex(digest) != descriptor.digest) {
    malformed(descriptor.digest, "its content has another digest");
  }
}

bool is_file_system(const Descriptor& layer) {
  return layer.media_type.starts_with("application/vnd.oci.image.layer.") ||
         layer.media_type.starts_with("application/vnd.docker.image.rootfs.");
}

bool is_image_config(std::string_view media_type) {
  return media_type.empty() || media_type == "application/vnd.oci.image.config.v1+json" ||
         media_type == "application/vnd.docker.container.image.v1+json";
}

// Cosign's signatures and BuildKit's attestations have an image's configuration.
bool is_statement(std::string_view media_type) {
  return media_type.starts_with("application/vnd.dev.cosign.") ||
         media_type.starts_with("application/vnd.dev.sigstore.") ||
         media_type.starts_with("application/vnd.in-toto+");
}

// What has a layer that a runtime unpacks is an image, whatever it calls itself.
std::string artifact_kind(const json& manifest, const std::vector<Descriptor>& layers) {
  if (std::ranges::any_of(layers, is_file_system)) return {};
  if (auto type = text_member(manifest, "artifactType"); !type.empty()) return type;
  const auto config = manifest.find("config");
  if (config != manifest.end() && config->is_object()) {
    if (auto type = text_member(*config, "mediaType"); !is_image_config(type)) return type;
  }
  const bool all = !layers.empty() && std::ranges::all_of(layers, [](const Descriptor& layer) {
    return is_statement(layer.media_type);
  });
  return all ? layers.front().media_type : std::string();
}

}  // namespace

ImageName parse_image_name(const std::string& text) {
  constexpr std::string_view kTransport = "oci:";
  if (!text.starts_with(kTransport)) return {text, {}};
  const std::string rest = text.substr(kTransport.size());
  const std::size_t colon = rest.find(':');
  if (colon == std::string::npos) return {rest, {}};
  return {rest.substr(0, colon), rest.substr(colon + 1)};
}

OciLayout::OciLayout(const std::string& folder) : folder_(tools::absolute_path(folder)) {
  const json marker = parse_object(read_file("oci-layout"), "oci-layout");
  if (text_member(marker, "imageLayoutVersion") != "1.0.0") {
    malformed("oci-layout", "its version is not 1.0.0");
  }
}

std::vector<ImageManifest> OciLayout::manifests(const std::string& tag) {
  seen_.clear();
  manifests_.clear();
  const std::string index = read_file("index.json");
  tag.empty() ? read_index(index, "index.json", 0) : read_tag(index, tag);
  return std::move(manifests_);
}

void OciLayout::read_tag(const std::string& text, const std::string& tag) {
  const std::string name = "index.json";
  const json index = parse_object(text, name);
  if (!index.contains("manifests")) malformed(name, "it has no manifests");
  std::string tags;
  for (const Descriptor& descriptor : read_descriptors(index, "manifests", kManifests, name)) {
    const auto found = descriptor.annotations.find(kTag);
    if (found == descriptor.annotations.end()) continue;
    if (found->second == tag) return read_entry(descriptor, 0);
    tags += (tags.empty() ? "" : ", ") + tools::printable(found->second);
  }
  fail(Status::argument, "the image layout has no image with the tag %s; it has: %s",
       tools::printable(tag).c_str(), tags.empty() ? "none" : tags.c_str());
}

bool OciLayout::has_blob(const Descriptor& descriptor) const {
  struct stat status {};
  const std::string path = folder_ + "/" + blob_name(descriptor);
  return ::lstat(path.c_str(), &status) == 0;
}

void OciLayout::read_index(const std::string& text, const std::string& name, int depth) {
  if (depth >= kIndexDepth) malformed(name, "indexes are nested too deep");
  const json index = parse_object(text, name);
  if (!index.contains("manifests")) malformed(name, "it has no manifests");
  for (const Descriptor& descriptor : read_descriptors(index, "manifests", kManifests, name)) {
    read_entry(descriptor, depth);
  }
}

// By what it holds, since both kinds have names of Docker's too.
void OciLayout::read_entry(const Descriptor& descriptor, int depth) {
  if (!seen_.insert(descriptor.digest).second) return;
  if (seen_.size() > kManifests) malformed("index.json", "it leads to too many manifests");
  const std::string text = read_blob(descriptor);
  const json object = parse_object(text, descriptor.digest);
  if (object.contains("manifests")) return read_index(text, descriptor.digest, depth + 1);
  if (!object.contains("layers")) malformed(descriptor.digest, "neither an index nor a manifest");
  auto layers = read_descriptors(object, "layers", kLayers, descriptor.digest);
  std::string artifact = artifact_kind(object, layers);
  manifests_.push_back({descriptor.digest, std::move(artifact), std::move(layers)});
}

core::UniqueFd OciLayout::open_file(const std::string& name) const {
  const std::string path = folder_ + "/" + name;
  // O_NONBLOCK, because a FIFO would wait for a writer.
  core::UniqueFd fd(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (fd.get() < 0 || ::fstat(fd.get(), &status) != 0) {
    const int error = errno;
    fail(Status::io, "opening %s failed: %s (errno %d)", path.c_str(), std::strerror(error), error);
  }
  if (!S_ISREG(status.st_mode)) fail(Status::io, "%s is not a regular file", path.c_str());
  return fd;
}

std::string OciLayout::read_file(const std::string& name) const {
  const core::UniqueFd fd = open_file(name);
  std::string text;
  tools::read_blocks(fd.get(), folder_ + "/" + name, [&](core::ByteView block) {
    text += core::as_text(block);
    if (text.size() > kManifestText) malformed(name, "it is too long");
  });
  return text;
}

std::string OciLayout::read_blob(const Descriptor& descriptor) const {
  if (descriptor.size > kManifestText) malformed(descriptor.digest, "it is too long");
  std::string text = read_file(blob_name(descriptor));
  check_blob(descriptor, text.size(), sha256(core::as_bytes(text)));
  return text;
}

void OciLayout::verify_blob(const Descriptor& descriptor) const {
  const std::string name = blob_name(descriptor);
  const core::UniqueFd fd = open_file(name);
  Sha256 hash;
  std::uint64_t size = 0;
  tools::read_blocks(fd.get(), folder_ + "/" + name, [&](core::ByteView block) {
    hash.update(block);
    size += block.size();
    // No need to read on, however long it is.
    if (size > descriptor.size) malformed(descriptor.digest, "its size is not the descriptor's");
  });
  check_blob(descriptor, size, hash.digest());
}

}  // namespace oskbc::owner
