// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "owner/keyset_policy.h"
#include "owner/measurement.h"

// Whether a launch fulfils what a keyset asks for (README.md here). Each throws kRefused with a
// text of its own. The order is gop-server.py's: policy, API, build, then the digest.
namespace oskbc::owner {

// The keyset's id is for the messages.
void check_policy(const KeysetPolicy& keyset, const std::string& id, std::uint32_t policy);
// The minor version counts only where the major one is the least allowed.
void check_firmware(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware);
// Compares with all allowed digests, each in constant time.
void check_digest(const KeysetPolicy& keyset, const std::string& id, const Digest& digest);

}  // namespace oskbc::owner
