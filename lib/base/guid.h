// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace oskbc::core {

// A GUID as the kernel names files by it: 8-4-4-4-12 lower-case digits. Parsing is the only way to
// make one, so that nothing else ever becomes a file name.
class Guid {
 public:
  static constexpr std::size_t kTextSize = 36;

  // Takes either case; nothing around the 36 characters.
  [[nodiscard]] static std::optional<Guid> parse(std::string_view text) noexcept;

  [[nodiscard]] std::string text() const { return {text_.data(), text_.size()}; }
  // What the entry is for, or "" if it is not one of those that people meet (lib/README.md).
  [[nodiscard]] std::string_view known_as() const noexcept;

  friend bool operator==(const Guid&, const Guid&) = default;

 private:
  Guid() = default;
  std::array<char, kTextSize> text_{};
};

// The entry that holds the keyset.
inline constexpr std::string_view kKeysetGuid = "e6f5a162-d67f-4750-a67c-5d065f2a9910";

[[nodiscard]] Guid keyset_guid();

}  // namespace oskbc::core
