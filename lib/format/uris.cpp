// SPDX-License-Identifier: Apache-2.0
#include "format/uris.h"

#include <algorithm>
#include <cstddef>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::core {
namespace {

constexpr std::string_view kScheme = "kbs://";

bool remove_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

void remove_leading_slashes(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of('/'), text.size()));
}

bool is_segment(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != "..";
}

// Counts the segments; 0 if one of them is none.
std::size_t count_segments(std::string_view path) {
  std::size_t count = 0;
  for (;;) {
    const std::size_t slash = path.find('/');
    if (!is_segment(path.substr(0, slash))) return 0;
    ++count;
    if (slash == std::string_view::npos) return count;
    path.remove_prefix(slash + 1);
  }
}

// What follows host[:port]. A colon without a port is another scheme's, "kbs:/a/b/c" say.
std::optional<std::string_view> after_host(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0 || path[slash - 1] == ':') return std::nullopt;
  return path.substr(slash + 1);
}

[[noreturn]] void refuse_params(const char* why) {
  fail(Status::params, "aa_kbc_params %s; write \"offline_sev_kbc::null\"", why);
}

}  // namespace

void check_params(std::string_view aa_kbc_params) {
  const std::size_t split = aa_kbc_params.find("::");
  if (split == std::string_view::npos) refuse_params("has no \"::\"");
  if (split == 0) refuse_params("names no KBC before \"::\"");
  if (aa_kbc_params.size() == split + 2) refuse_params("has nothing after \"::\"");
  if (aa_kbc_params.substr(0, split) != kKbcName)
    refuse_params("names another KBC than offline_sev_kbc");
}

std::optional<std::string_view> resource_path(std::string_view kid) noexcept {
  std::string_view path = kid;
  const bool has_scheme = remove_prefix(path, kScheme);
  const bool has_host = !path.starts_with('/');
  remove_leading_slashes(path);
  // A key provider of March 2023 put its own scheme before an id that had one.
  if (has_scheme && !has_host && remove_prefix(path, kScheme)) {
    if (!path.starts_with('/')) return std::nullopt;
    remove_leading_slashes(path);
  }
  const std::size_t segments = count_segments(path);
  if (segments == 3 && (!has_host || !has_scheme)) return path;
  if (segments == 4 && has_host) return after_host(path);
  return std::nullopt;
}

std::optional<std::string_view> uri_path(std::string_view uri) noexcept {
  std::string_view path = uri;
  if (!remove_prefix(path, kScheme)) return std::nullopt;
  const auto rest = path.starts_with('/') ? path.substr(1) : after_host(path);
  if (!rest || count_segments(*rest) != 3) return std::nullopt;
  return rest;
}

bool is_uri(std::string_view text) noexcept { return text.find("://") != std::string_view::npos; }

}  // namespace oskbc::core
