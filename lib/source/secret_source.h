// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"
#include "base/guid.h"
#include "base/secret_bytes.h"
#include "source/system.h"

namespace oskbc::core {

// Where a keyset in a file is, unless told otherwise.
inline constexpr const char* kKeysetFile = "/etc/oskbc/keyset.jwe";

// Which secret to take, from where, and what may be done for it.
struct SourceOptions {
  std::string root = "/";
  // Below the root; empty for kKeysetFile.
  std::string keyset_file;
  Guid guid = keyset_guid();
  bool keep_secret = false;
  bool manage_kernel = true;
  bool require_locked = false;
};

// Reads the injected entry and removes it from the kernel, which overwrites it there. Gives
// Status::no_secret with the cause; throws Status::io, Status::wipe, or Status::keyset for an entry
// over limits::kKeysetText. Once the entry has been opened it is removed whatever happens then,
// because what can't be used must not stay for others. Only where the memory can't be locked and
// has to be it stays, for another try; that is Status::io, too.
[[nodiscard]] Result<SecretBytes> take_secret(System& system, const SourceOptions& options);

}  // namespace oskbc::core
