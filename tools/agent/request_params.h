// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace oskbc::agent {

// The aa_kbc_params that a key provider request of ocicrypt brings along for its decryption, under
// whatever provider's name: the first parameter with a "::". Nothing when it brings none; a client
// without a parameter writes "Enabled". Throws Status::request where the text is no JSON object,
// or where this part of it is not as ocicrypt writes it.
[[nodiscard]] std::optional<std::string> params_in(std::string_view request);

}  // namespace oskbc::agent
