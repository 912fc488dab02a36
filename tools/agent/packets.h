// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <oskbc/oskbc.hpp>

namespace oskbc::agent {

// Unwraps the first of a layer's packets that there is a key for: an image can be encrypted for
// several recipients, each with a packet of their own. They are base64, commas between.
[[nodiscard]] Buffer unwrap_first(const Client& client, std::string_view packets);

}  // namespace oskbc::agent
