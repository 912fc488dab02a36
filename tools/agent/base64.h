// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <oskbc/oskbc.hpp>

namespace oskbc::agent {

// Decodes padded base64. Throws Failure for anything else.
Buffer unbase64(std::string_view text);

}  // namespace oskbc::agent
