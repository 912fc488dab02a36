// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/guid.h"
#include "source/secret_paths.h"
#include "source/system.h"

namespace oskbc::core {

// The links from the kernel to the secret, as they are found; nothing is changed or read for it.
struct Chain {
  bool securityfs = false;        // there, and mounted if it is the running system's
  bool module_loaded = false;     // or built in
  bool module_installed = false;  // below lib/modules
  bool secret_area = false;       // announced by the firmware
  std::string folder;             // where the entries are; empty if there is none
  std::vector<Guid> entries;
  bool entry = false;  // the one asked for is among them
};

// Why there is no secret: the first link that is missing.
enum class Cause { none, no_securityfs, no_module, no_secret_area, not_populated, not_among };

[[nodiscard]] Chain inspect(System& system, const SecretPaths& paths, const Guid& guid);
[[nodiscard]] Cause cause_of(const Chain& chain) noexcept;
// What is missing and what to do about it, in a sentence.
[[nodiscard]] std::string explain(const Chain& chain, const SecretPaths& paths, const Guid& guid);
// "3 entries, among them the keyset of offline_sev_kbc, a disk password"
[[nodiscard]] std::string describe_entries(const std::vector<Guid>& entries);

}  // namespace oskbc::core
