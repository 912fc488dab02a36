// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/unique_fd.h"

namespace oskbc::owner {

// A descriptor of the OCI image specification: what a blob is and how it is checked.
struct Descriptor {
  std::string media_type;
  std::string digest;  // "sha256:" and 64 digits, so that it can be a file name
  std::uint64_t size = 0;
  bool foreign = false;  // kept elsewhere (urls), and so may be missing here
  std::map<std::string, std::string> annotations;
};

struct ImageManifest {
  std::string digest;
  // What it is instead of an image: cosign's signature, an attestation, ...; empty for an image.
  std::string artifact;
  std::vector<Descriptor> layers;
};

// What a user names: a folder, or as skopeo does, oci:FOLDER[:TAG].
struct ImageName {
  std::string folder;
  std::string tag;  // empty for all that is there
};
[[nodiscard]] ImageName parse_image_name(const std::string& text);

// A folder in the OCI image layout, version 1.0.0. Nothing in it is trusted: every blob that is
// read is checked against its descriptor, links are not followed, and sizes, nesting and counts
// have bounds. Throws Status::argument for what is malformed, Status::unsupported for digests other
// than SHA-256, Status::io for what can't be read.
class OciLayout {
 public:
  explicit OciLayout(const std::string& folder);

  // All image manifests, those of nested indexes too; each once. With a tag, what index.json has
  // under that name.
  [[nodiscard]] std::vector<ImageManifest> manifests(const std::string& tag = {});

  [[nodiscard]] bool has_blob(const Descriptor& descriptor) const;

  // Reads a blob of any size to check it against its descriptor.
  void verify_blob(const Descriptor& descriptor) const;

 private:
  void read_index(const std::string& text, const std::string& name, int depth);
  void read_tag(const std::string& text, const std::string& tag);
  void read_entry(const Descriptor& descriptor, int depth);
  [[nodiscard]] std::string read_file(const std::string& name) const;
  [[nodiscard]] std::string read_blob(const Descriptor& descriptor) const;
  [[nodiscard]] core::UniqueFd open_file(const std::string& name) const;

  std::string folder_;
  std::set<std::string> seen_;
  std::vector<ImageManifest> manifests_;
};

}  // namespace oskbc::owner
