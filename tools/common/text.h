// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

// Text of what is no secret.
namespace oskbc::tools {

// Hexadecimal digits, in the lower case.
[[nodiscard]] std::string to_hex(core::ByteView bytes);

// Both cases; nothing before, between or after the digits.
[[nodiscard]] std::optional<core::Bytes> from_hex(std::string_view text);

// Text from files, for people: control characters become \xNN, because a terminal should not act on
// them.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace oskbc::tools
