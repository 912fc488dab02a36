// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace oskbc::owner {

// Changes of a keysets file's allowed_keys, which leave the rest of the text as it stands. The text
// has to be one that parse_keysets() takes.

struct ChangedKeysets {
  std::string text;
  // Those that had to change, in their order.
  std::vector<std::string> keysets;
};

// Allows `other` wherever `id` is allowed, right after it.
[[nodiscard]] ChangedKeysets with_key_beside(std::string_view text, const std::string& id,
                                             const std::string& other);

// Allows none of `ids` any longer.
[[nodiscard]] ChangedKeysets without_keys(std::string_view text, std::span<const std::string> ids);

// Replaces a keysets file, whose mode stays. Throws what write_file() throws.
void replace_keysets_file(const std::string& file, std::string_view text);

}  // namespace oskbc::owner
