// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace oskbc::core {

// The name that selects this client.
inline constexpr std::string_view kKbcName = "offline_sev_kbc";

// Checks an agent's `aa_kbc_params`, "<kbc name>::<uri>": split at the first "::", neither half
// empty, the name ours. The URI belongs to the KBC, and this one needs none. Throws Status::params.
void check_params(std::string_view aa_kbc_params);

}  // namespace oskbc::core
