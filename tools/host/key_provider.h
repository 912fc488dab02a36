// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How images are encrypted here: by a key provider of ocicrypt, and a skopeo that asks one.
namespace oskbc::host {

// How ocicrypt reaches the provider "attestation-agent": by a command, over gRPC, or over ttRPC,
// which is for ocicrypt-rs alone.
struct KeyProvider {
  std::vector<std::string> command;
  std::string grpc;
  std::string ttrpc;
};

// Reads the text of an ocicrypt configuration. Nothing where it has providers, but none of this
// name. Throws Status::argument for what ocicrypt would not read.
[[nodiscard]] std::optional<KeyProvider> parse_ocicrypt_config(std::string_view text);

// The path in an address of a Unix socket, unix:///PATH or unix:/PATH; empty for any other.
[[nodiscard]] std::string socket_path(std::string_view address);
// Whether somebody listens there: 0, or an errno.
[[nodiscard]] int try_socket(const std::string& path);

enum class KeyProviderSupport { yes, no, did_not_run };

// Has a skopeo encrypt an image of some hundred bytes for a provider of our own, in a folder of our
// own. Its version does not tell what it can: that depends on the ocicrypt that it was built with.
[[nodiscard]] KeyProviderSupport probe_skopeo(const std::string& program);

// The program of this name in PATH; empty if there is none. A name with a slash is a path already.
[[nodiscard]] std::string find_program(const std::string& name);

}  // namespace oskbc::host
