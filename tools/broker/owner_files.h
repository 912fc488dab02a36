// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "broker/keysets.h"
#include "broker/platform_trust.h"
#include "broker/serve.h"

// What the broker reads of its owner's, at the start and at each reload, each file with a look at
// its mode. What is worth saying of them goes to standard error.
namespace oskbc::broker {

struct OwnerKeysets {
  std::shared_ptr<const Keysets> keysets;
  std::string keys_sha256;  // content_digest() of what was read
  std::string keysets_sha256;
};

// Keys and keysets of one moment: Status::io if they change again and again meanwhile. Throws what
// Keysets throws.
[[nodiscard]] OwnerKeysets read_keysets(const ServeOptions& options, Unusable unusable);

// Throws what PlatformTrust throws.
[[nodiscard]] std::shared_ptr<const PlatformTrust> read_trust(const ServeOptions& options);

}  // namespace oskbc::broker
