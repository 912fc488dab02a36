// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace oskbc::tools {

// The word of `known` that was probably meant by `word`: with the fewest letters to change, and
// fewer than half of them. "" if there is none.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> known);

// "; did you mean build?", or "" if nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> known);

}  // namespace oskbc::tools
