// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "owner/keyset_policy.h"

namespace oskbc::owner {

using KeysetPolicies = std::map<std::string, KeysetPolicy, std::less<>>;

// The policies in the text of the guide's keysets.json. The names of their members stand there with
// `_` and with `-`, mixed; each is read in both spellings. Digests are hexadecimal as in the guide,
// or base64. Unknown members are refused, since a policy that is spelled wrong would not be
// enforced. Throws Status::keyset.
[[nodiscard]] KeysetPolicies parse_keysets(std::string_view text);

// One of them; the whole file has to be right. Throws Status::unknown_key if there is no such
// keyset.
[[nodiscard]] KeysetPolicy parse_keysets(std::string_view text, std::string_view keyset);

// Reads a file and the policies in it.
[[nodiscard]] KeysetPolicies read_keysets_file(const std::string& file);
[[nodiscard]] KeysetPolicy read_keysets_file(const std::string& file, const std::string& keyset);

}  // namespace oskbc::owner
