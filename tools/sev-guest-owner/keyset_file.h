// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "format/keyset.h"
#include "owner/keys/keys_file.h"

namespace oskbc::tools {

// A keyset in a file, opened with the keys file's two entries for it. Throws Status::unknown_key if
// one of them isn't there, and what a guest's client throws.
[[nodiscard]] core::Keyset open_keyset_file(const std::string& file, const owner::KeysFile& keys);

}  // namespace oskbc::tools
