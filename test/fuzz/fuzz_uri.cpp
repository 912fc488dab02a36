// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

#include "format/uris.h"
#include "fuzz/fuzz_common.h"

namespace oskbc::fuzz {
namespace {

using Path = std::optional<std::string_view>;

// The second implementation goes the other way: it splits off the last three segments, and then
// looks at what stands before them.
struct Split {
  std::string_view before;
  std::string_view path;
};

bool is_segment(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && text.find('/') == std::string_view::npos;
}

std::optional<Split> split(std::string_view text) {
  std::size_t end = text.size();
  std::size_t start = 0;
  for (int i = 0; i < 3; ++i) {
    const std::size_t slash = text.substr(0, end).rfind('/');
    start = slash == std::string_view::npos ? 0 : slash + 1;
    if (!is_segment(text.substr(start, end - start))) return std::nullopt;
    if (slash == std::string_view::npos && i < 2) return std::nullopt;
    end = slash;
  }
  return Split{text.substr(0, start), text.substr(start)};
}

bool is_slashes(std::string_view text) {
  return !text.empty() && text.find_first_not_of('/') == std::string_view::npos;
}

// "host/" or "host:port/".
bool is_host(std::string_view text) {
  return text.size() > 1 && text.find('/') == text.size() - 1 && !text.ends_with(":/");
}

bool is_kid_host(std::string_view text) {
  return is_host(text) && is_segment(text.substr(0, text.size() - 1));
}

bool remove_scheme(std::string_view& text) {
  if (!text.starts_with("kbs://")) return false;
  text.remove_prefix(6);
  return true;
}

bool may_stand_before_kid_path(std::string_view text) {
  if (!remove_scheme(text)) return text.empty() || is_slashes(text) || is_kid_host(text);
  if (is_slashes(text) || is_kid_host(text)) return true;
  const std::size_t slashes = text.find("kbs://");
  if (slashes == std::string_view::npos || !is_slashes(text.substr(0, slashes))) return false;
  return is_slashes(text.substr(slashes + 6));
}

Path naive_resource_path(std::string_view kid) {
  const auto parts = split(kid);
  if (!parts || !may_stand_before_kid_path(parts->before)) return std::nullopt;
  return parts->path;
}

Path naive_uri_path(std::string_view uri) {
  auto parts = split(uri);
  if (!parts || !remove_scheme(parts->before)) return std::nullopt;
  if (parts->before != "/" && !is_host(parts->before)) return std::nullopt;
  return parts->path;
}

void fuzz_uri(ByteView bytes) {
  const std::string_view text = core::as_text(bytes);
  const Path kid = core::resource_path(text);
  const Path uri = core::uri_path(text);
  require(kid == naive_resource_path(text), "both ways to a kid's path come to one result");
  require(uri == naive_uri_path(text), "both ways to a URI's path come to one result");
  require(!uri || core::is_uri(text), "what has a URI's path is a URI");
  for (const Path& path : {kid, uri}) {
    if (!path) continue;
    require(path->end() == text.end(), "a path is a view of its text's end");
    require(core::resource_path(*path) == path, "a path is its own path");
    require(core::uri_path("kbs:///" + std::string(*path)).has_value(), "a path makes a URI");
  }
}

const Target uri_target("uri", fuzz_uri);

}  // namespace
}  // namespace oskbc::fuzz
