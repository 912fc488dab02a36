// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/bytes.h"

namespace oskbc::host {

// Reads a regular file of at most `limit` bytes. For what is no secret. Throws Status::io with the
// absolute path that was tried, or Status::argument for one that is too long.
[[nodiscard]] core::Bytes read_whole_file(const std::string& file, std::size_t limit);

}  // namespace oskbc::host
