// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace oskbc::core {

// The absolute path of an existing directory that shall stand for `/`. Throws Status::argument.
[[nodiscard]] std::string resolve_root(const std::string& directory);

}  // namespace oskbc::core
