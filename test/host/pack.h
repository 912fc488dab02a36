// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace oskbc::test {

// Compresses with a filter of libarchive's: "gzip", "xz", "zstd"...
[[nodiscard]] core::Bytes pack(std::string_view content, const char* filter);

// A cpio archive in the kernel's format, of paths and contents; a content that starts with "->" is
// a symbolic link's.
[[nodiscard]] core::Bytes cpio(const std::vector<std::pair<std::string, std::string>>& files);

[[nodiscard]] inline core::Bytes operator+(core::Bytes a, const core::Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace oskbc::test
