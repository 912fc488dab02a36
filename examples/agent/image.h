// SPDX-License-Identifier: Apache-2.0
#ifndef OSKBC_EXAMPLES_AGENT_IMAGE_H
#define OSKBC_EXAMPLES_AGENT_IMAGE_H

#include <cstddef>
#include <string>
#include <vector>

#include "broker.h"
#include <oskbc/oskbc.hpp>

namespace agent {

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

// An image in an OCI layout, a folder. Nothing in it is trusted: every blob is read once, bounded,
// and compared with its digest.
class Image {
 public:
  explicit Image(std::string layout);

  const Process& process() const noexcept { return process_; }

  // All layers, decrypted, each an archive. Throws before it gives any where one is not as it was
  // encrypted, or lacks a key.
  std::vector<oskbc::Buffer> open_layers(Broker& broker) const;

 private:
  oskbc::Buffer read_blob(const std::string& digest, std::size_t size) const;
  oskbc::Buffer open_layer(const Layer& layer, Broker& broker) const;

  std::string layout_;
  std::vector<Layer> layers_;
  Process process_;
};

}  // namespace agent

#endif
