// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
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

// Where a byte of a text stands, for people: both are counted from 1, columns in bytes.
struct LineAndColumn {
  std::size_t line = 1;
  std::size_t column = 1;
};
[[nodiscard]] LineAndColumn line_and_column(std::string_view text, std::size_t byte) noexcept;
// "keys.json, line 3, column 5"
[[nodiscard]] std::string position_in(const std::string& file, std::string_view text,
                                      std::size_t byte);

// Text from files, for people: control characters become \xNN, because a terminal should not act on
// them.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace oskbc::tools
