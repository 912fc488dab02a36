// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <oskbc/oskbc.hpp>

namespace oskbc::agent {

// What an image says is to be started.
struct Process {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::string directory;
  std::string user;
};

// A layer's descriptor. The two annotations are there when the layer is encrypted.
struct Layer {
  bool encrypted = false;
  std::string digest;
  std::size_t size = 0;
  std::string packets;
  std::string public_options;
};

// What a layer's packets unwrap to.
using Unwrap = std::function<Buffer(std::string_view packets)>;

// An image in an OCI layout, a folder. Nothing in it is trusted: every blob is read once, bounded,
// and compared with its digest.
class Image {
 public:
  explicit Image(std::string layout);

  [[nodiscard]] const Process& process() const noexcept { return process_; }

  // All layers, decrypted, each an archive. Throws before it gives any where one is not as it was
  // encrypted, or lacks a key.
  [[nodiscard]] std::vector<Buffer> open_layers(const Unwrap& unwrap) const;

 private:
  [[nodiscard]] Buffer read_blob(const std::string& digest, std::size_t size) const;
  [[nodiscard]] Buffer open_layer(const Layer& layer, const Unwrap& unwrap) const;

  std::string layout_;
  std::vector<Layer> layers_;
  Process process_;
};

}  // namespace oskbc::agent
