// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oskbc::host {

// How ocicrypt reaches the provider "attestation-agent": by a command, or over gRPC.
struct KeyProvider {
  std::vector<std::string> command;
  std::string grpc;
};

// Reads the text of an ocicrypt configuration. Nothing where it has providers, but none of this
// name. Throws Status::argument for what ocicrypt would not read.
[[nodiscard]] std::optional<KeyProvider> parse_ocicrypt_config(std::string_view text);

}  // namespace oskbc::host
