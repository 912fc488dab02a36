// SPDX-License-Identifier: Apache-2.0
#include "owner/keyset_check.h"

#include <algorithm>

#include "base/status.h"
#include "owner/hmac.h"
#include "owner/refusal.h"

namespace oskbc::owner {
namespace {

using core::fail;

unsigned least_major(const KeysetPolicy& keyset) { return keyset.min_api_major.value_or(0); }

}  // namespace

void check_policy(const KeysetPolicy& keyset, const std::string& id, std::uint32_t policy) {
  const auto& allowed = keyset.allowed_policies;
  if (!allowed || std::ranges::find(*allowed, policy) != allowed->end()) return;
  fail(kRefused, "keyset %s does not allow the policy 0x%x", id.c_str(), policy);
}

void check_api_major(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware) {
  const unsigned major = firmware.api_major;
  if (major >= least_major(keyset)) return;
  fail(kRefused, "keyset %s needs firmware API major version %u or later, not %u", id.c_str(),
       least_major(keyset), major);
}

void check_api_minor(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware) {
  const unsigned major = firmware.api_major;
  const unsigned minor = firmware.api_minor;
  const unsigned least = keyset.min_api_minor.value_or(0);
  if (major != least_major(keyset) || minor >= least) return;
  fail(kRefused, "keyset %s needs firmware API %u.%u or later, not %u.%u", id.c_str(), major, least,
       major, minor);
}

void check_build(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware) {
  const auto& allowed = keyset.allowed_build_ids;
  if (!allowed || std::ranges::find(*allowed, firmware.build_id) != allowed->end()) return;
  fail(kRefused, "keyset %s does not allow the firmware's build id %u", id.c_str(),
       unsigned{firmware.build_id});
}

void check_firmware(const KeysetPolicy& keyset, const std::string& id, const Firmware& firmware) {
  check_api_major(keyset, id, firmware);
  check_api_minor(keyset, id, firmware);
  check_build(keyset, id, firmware);
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
