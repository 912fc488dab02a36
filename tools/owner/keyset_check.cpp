// SPDX-License-Identifier: Apache-2.0
#include "owner/keyset_check.h"

#include <algorithm>

#include "base/status.h"
#include "owner/hmac.h"
#include "owner/refusal.h"

namespace oskbc::owner {
namespace {

using core::fail;

void check_api(const KeysetPolicy& keyset, const char* id, const Firmware& firmware) {
  const unsigned major = firmware.api_major;
  const unsigned minor = firmware.api_minor;
  const unsigned min_major = keyset.min_api_major.value_or(0);
  const unsigned min_minor = keyset.min_api_minor.value_or(0);
  if (major < min_major) {
    fail(kRefused, "keyset %s needs firmware API major version %u or later, not %u", id, min_major,
         major);
  }
  if (major == min_major && minor < min_minor) {
    fail(kRefused, "keyset %s needs firmware API %u.%u or later, not %u.%u", id, min_major,
         min_minor, major, minor);
  }
}

}  // namespace

void check_policy(const KeysetPolicy& keyset, const std::string& id, std::uint32_t policy) {
  const auto& allowed = keyset.allowed_policies;
  if (!allowed || std::ranges::find(*allowed, policy) != allowed->end()) return;
  fail(kRefused, "keyset %s does not allow the policy 0x%x", id.c_str(), policy);
}

void check_firmware(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware) {
  check_api(keyset, id.c_str(), firmware);
  const auto& allowed = keyset.allowed_build_ids;
  if (!allowed || std::ranges::find(*allowed, firmware.build_id) != allowed->end()) return;
  fail(kRefused, "keyset %s does not allow the firmware's build id %u", id.c_str(),
       unsigned{firmware.build_id});
}

void check_digest(const KeysetPolicy& keyset, const std::string& id, const Digest& digest) {
  if (!keyset.allowed_digests) return;
  bool found = false;
  for (const Digest& allowed : *keyset.allowed_digests) {
    found |= equal_in_constant_time(allowed, digest);
  }
  if (!found) fail(kRefused, "keyset %s does not allow this launch digest", id.c_str());
}

}  // namespace oskbc::owner
