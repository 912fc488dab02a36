// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "oskbc/commands.h"
#include "ttrpc/services.h"

namespace oskbc::tools {

// Where the commands have a keyset's values from: the keyset itself, or an agent that holds it.
class KeySource {
 public:
  // Opens the keyset, or connects to the agent that the settings name.
  [[nodiscard]] static std::unique_ptr<KeySource> open(const Settings& settings);

  KeySource() = default;
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;
  virtual ~KeySource() = default;

  // The plain options of the first packet that opens; each packet is JSON.
  [[nodiscard]] virtual core::SecretBytes unwrap(const std::vector<core::Bytes>& packets) = 0;
  // A key provider request of ocicrypt, to its answer.
  [[nodiscard]] virtual core::SecretBytes keyprovider(std::string_view request) = 0;
  [[nodiscard]] virtual core::SecretBytes resource(const std::string& id_or_uri) = 0;
  [[nodiscard]] virtual std::vector<ttrpc::Entry> entries() = 0;
};

}  // namespace oskbc::tools
