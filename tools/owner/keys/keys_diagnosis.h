// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace oskbc::owner {

// Says of a keys file that KeysFile refused, where it is wrong: line, column, and the key's id,
// which are no secret to the file's owner. The guest's own message has none of that. Throws
// Status::keyset; `error` is what it said, for what is not found here.
[[noreturn]] void explain_keys(std::string_view text, const std::string& file,
                               const core::Error& error);

}  // namespace oskbc::owner
