// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret_bytes.h"
#include "source/secret_source.h"
#include "source/system.h"

namespace oskbc::core {

// Reads a keyset in a file, which stays, straight to where its keys will be. Throws
// Status::no_keyset_file; Status::io, also where memory can't be locked and has to be; and
// Status::keyset for a file over limits::kKeysetFile.
[[nodiscard, gnu::cold]] SecretBytes read_keyset_file(System& system, const SourceOptions& options);

}  // namespace oskbc::core
