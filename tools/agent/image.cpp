// SPDX-License-Identifier: Apache-2.0
#include "agent/image.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "agent/base64.h"
#include "agent/failure.h"
#include "agent/layer_cipher.h"

namespace oskbc::agent {
namespace {

using nlohmann::json;

constexpr const char* kPackets = "org.opencontainers.image.enc.keys.provider.attestation-agent";
constexpr const char* kPublicOptions = "org.opencontainers.image.enc.pubopts";
constexpr std::string_view kEncrypted = "+encrypted";
// All of it lies in memory at once, and the initrd's guest has little.
constexpr std::size_t kLargestText = 4 << 20;
constexpr std::size_t kLargestImage = 512 << 20;

[[noreturn]] void refuse(const std::string& text) { throw Failure(kBadImage, text); }

std::string text_of(const Buffer& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::size_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) refuse(path + ": " + error.message());
  return size;
}

// A function's own type has attributes that gcc 14 warns of where it is a template's argument.
struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Reads a file of exactly this size. That is compared before there is memory for it.
Buffer read_exactly(const std::string& path, std::size_t size) {
  if (size_of(path) != size) refuse(path + " has another size than the image says");
  Buffer content(size);
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  if (!file || std::fread(content.data(), 1, size, file.get()) != size) {
    refuse(path + " cannot be read");
  }
  return content;
}

// index.json is the only file whose size nothing names.
json read_index(const std::string& layout) {
  const std::string path = layout + "/index.json";
  const std::size_t size = size_of(path);
  if (size > kLargestText) refuse(path + " is over 4 MiB");
  return json::parse(text_of(read_exactly(path, size)));
}

Layer read_layer(const json& descriptor) {
  Layer layer;
  layer.encrypted = descriptor.at("mediaType").get<std::string>().ends_with(kEncrypted);
  layer.digest = descriptor.at("digest");
  layer.size = descriptor.at("size");
  if (layer.encrypted) {
    layer.packets = descriptor.at("annotations").at(kPackets);
    layer.public_options =
        text_of(unbase64(descriptor.at("annotations").at(kPublicOptions).get<std::string>()));
  }
  return layer;
}

// The host can put a plain layer on top of encrypted ones, and so its own program into the
// container.
void check_layers(const std::vector<Layer>& layers) {
  std::size_t total = 0;
  for (const Layer& layer : layers) {
    if (layer.encrypted != layers.front().encrypted)
      refuse("only some of the layers are encrypted");
    if (layer.size > kLargestImage - total) refuse("the image's layers are over 512 MiB");
    total += layer.size;
  }
  if (layers.empty()) refuse("the image has no layers");
}

std::vector<std::string> strings(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  return found->get<std::vector<std::string>>();
}

// The command line is the entry point and, behind it, the command.
Process read_process(const json& config) {
  Process process;
  process.arguments = strings(config, "Entrypoint");
  for (std::string& word : strings(config, "Cmd")) process.arguments.push_back(std::move(word));
  process.environment = strings(config, "Env");
  process.directory = config.value("WorkingDir", "");
  process.user = config.value("User", "");
  if (process.arguments.empty()) refuse("the image has neither Entrypoint nor Cmd");
  return process;
}

}  // namespace

Image::Image(std::string layout) : layout_(std::move(layout)) {
  try {
    const auto blob = [this](const json& descriptor) {
      const std::size_t size = descriptor.at("size");
      if (size > kLargestText) refuse("the image's manifest or configuration is over 4 MiB");
      return json::parse(text_of(read_blob(descriptor.at("digest"), size)));
    };
    const json index = read_index(layout_);
    if (index.at("manifests").size() != 1) refuse(layout_ + " has not exactly one image");
    const json manifest = blob(index.at("manifests").at(0));
    for (const json& layer : manifest.at("layers")) layers_.push_back(read_layer(layer));
    check_layers(layers_);
    process_ = read_process(blob(manifest.at("config")).at("config"));
  } catch (const json::exception&) {
    refuse(layout_ + " is no OCI image as it should be");
  }
}

std::vector<Buffer> Image::open_layers(const Unwrap& unwrap) const {
  std::vector<Buffer> opened;
  for (const Layer& layer : layers_) opened.push_back(open_layer(layer, unwrap));
  return opened;
}

Buffer Image::open_layer(const Layer& layer, const Unwrap& unwrap) const {
  Buffer content = read_blob(layer.digest, layer.size);
  if (layer.encrypted) {
    decrypt_layer(content, unwrap(layer.packets), layer.public_options);
  }
  return content;
}

// The digest is the name of a file, so its form is checked before it is one.
Buffer Image::read_blob(const std::string& digest, std::size_t size) const {
  constexpr std::string_view kAlgorithm = "sha256:";
  const bool well_formed =
      digest.size() == kAlgorithm.size() + 64 &&
      digest.compare(0, kAlgorithm.size(), kAlgorithm) == 0 &&
      digest.find_first_not_of("0123456789abcdef", kAlgorithm.size()) == std::string::npos;
  if (!well_formed) refuse("the image has a digest that is no SHA-256");
  const std::string path = layout_ + "/blobs/sha256/" + digest.substr(kAlgorithm.size());
  Buffer content = read_exactly(path, size);
  if (digest_of(content) != digest) refuse(path + " is not what its name says");
  return content;
}

}  // namespace oskbc::agent
