// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "common/command_line.h"

// Options whose value is so many bytes, in hexadecimal or base64, as programs print both; or has
// another form of its own.
namespace oskbc::tools {

// Throws UsageError for anything but `size` bytes.
[[nodiscard]] core::Bytes parse_bytes(const std::string& text, std::size_t size,
                                      const std::string& option);

template <std::size_t Size>
[[nodiscard]] std::array<std::uint8_t, Size> parse_bytes(const std::string& text,
                                                         const std::string& option) {
  std::array<std::uint8_t, Size> bytes{};
  std::ranges::copy(parse_bytes(text, Size, option), bytes.begin());
  return bytes;
}

template <std::size_t Size>
Option& add_bytes(Command& command, const std::string& name,
                  std::optional<std::array<std::uint8_t, Size>>& value, const char* about) {
  const auto read = [&value, name](const std::string& text) {
    value = parse_bytes<Size>(text, name);
  };
  return command.add_text(name, Target(read), about).value_name("HEX|BASE64");
}

}  // namespace oskbc::tools
