// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/text.h"
#include "owner/crypto/hash.h"
#include "support/temp_folder.h"

namespace oskbc::test {

// An OCI image layout of a test's making.
class ImageLayout {
 public:
  ImageLayout() { folder_.write("oci-layout", R"({"imageLayoutVersion":"1.0.0"})"); }

  [[nodiscard]] const TempFolder& folder() const { return folder_; }
  [[nodiscard]] std::string path() const { return folder_.path(); }

  [[nodiscard]] static std::string name_of(const std::string& digest) {
    return "blobs/sha256/" + digest.substr(7);
  }

  // Writes a blob; returns its descriptor.
  nlohmann::json add(std::string_view content, const std::string& media_type,
                     const nlohmann::json& annotations = nullptr) const {
    const std::string digest = "sha256:" + tools::to_hex(owner::sha256(core::as_bytes(content)));
    folder_.write(name_of(digest), content);
    nlohmann::json descriptor = {
        {"mediaType", media_type}, {"digest", digest}, {"size", content.size()}};
    if (!annotations.is_null()) descriptor["annotations"] = annotations;
    return descriptor;
  }

  // Vectors, because compilers differ on what nlohmann/json makes of a list with one element.
  nlohmann::json add_manifest(const std::vector<nlohmann::json>& layers) const {
    const auto manifest = nlohmann::json::object({{"schemaVersion", 2}, {"layers", layers}});
    return add(manifest.dump(), "application/vnd.oci.image.manifest.v1+json");
  }
  nlohmann::json add_index(const std::vector<nlohmann::json>& manifests) const {
    const auto index = nlohmann::json::object({{"schemaVersion", 2}, {"manifests", manifests}});
    return add(index.dump(), "application/vnd.oci.image.index.v1+json");
  }
  void set_index(const std::vector<nlohmann::json>& manifests) const {
    folder_.write("index.json", nlohmann::json::object({{"manifests", manifests}}).dump());
  }

 private:
  TempFolder folder_;
};

inline constexpr const char* kPlainLayer = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr const char* kEncryptedLayer =
    "application/vnd.oci.image.layer.v1.tar+gzip+encrypted";

}  // namespace oskbc::test
