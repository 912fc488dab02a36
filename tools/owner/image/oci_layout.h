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
  std::map<std::string, std::string> annotations;
};

struct ImageManifest {
  std::string digest;
  std::vector<Descriptor> layers;
};

// A folder in the OCI image layout, version 1.0.0. Nothing in it is trusted: every blob that is
// read is checked against its descriptor, links are not followed, and sizes, nesting and counts
// have bounds. Throws Status::argument for what is malformed, Status::io for what can't be read.
class OciLayout {
 public:
  explicit OciLayout(const std::string& folder);

  // All image manifests, those of nested indexes too; each once.
  [[nodiscard]] std::vector<ImageManifest> manifests();

  // Reads a blob of any size to check it against its descriptor.
  void verify_blob(const Descriptor& descriptor) const;

 private:
  void read_index(const std::string& text, const std::string& name, int depth);
  void read_entry(const Descriptor& descriptor, int depth);
  [[nodiscard]] std::string read_file(const std::string& name) const;
  [[nodiscard]] std::string read_blob(const Descriptor& descriptor) const;
  [[nodiscard]] core::UniqueFd open_file(const std::string& name) const;

  std::string folder_;
  std::set<std::string> seen_;
  std::vector<ImageManifest> manifests_;
};

}  // namespace oskbc::owner
