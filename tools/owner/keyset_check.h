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
void check_api_major(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware);
// Counts only where the major version is the least allowed.
void check_api_minor(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware);
void check_build(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware);
// The last three, in this order.
void check_firmware(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware);
// Compares with all allowed digests, each in constant time.
void check_digest(const KeysetPolicy& keyset, const std::string& id, const Digest& digest);

}  // namespace oskbc::owner
