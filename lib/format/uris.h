// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

// What names a client and its entries: aa_kbc_params, key ids and kbs:// URIs.
namespace oskbc::core {

// The name that selects this client.
inline constexpr std::string_view kKbcName = "offline_sev_kbc";

// Checks an agent's `aa_kbc_params`, "<kbc name>::<uri>": split at the first "::", neither half
// empty, the name ours. The URI belongs to the KBC, and this one needs none. Throws Status::params.
void check_params(std::string_view aa_kbc_params);

// The path `repository/type/tag` of a key id, as a view into it; nothing if it has none. Read are
// all forms that key providers have written (lib/README.md): kbs://[host[:port]]/path, the doubled
// kbs:///kbs:///path, more leading slashes, /path and host/path. Exactly three segments; no other
// scheme, no empty, `.` or `..` segment; nothing is decoded or folded.
[[nodiscard]] std::optional<std::string_view> resource_path(std::string_view kid) noexcept;

// The path of a well-formed kbs://[host[:port]]/repository/type/tag, and of nothing else.
[[nodiscard]] std::optional<std::string_view> uri_path(std::string_view uri) noexcept;

// Whether a resource is asked for by URI: then it has to have a path. Anything else is an id.
[[nodiscard]] bool is_uri(std::string_view text) noexcept;

}  // namespace oskbc::core
