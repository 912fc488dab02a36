// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "owner/secret_table.h"

namespace oskbc::owner {

// Lays entries out as the kernel shows them: files of mode 0440, named by GUID, in
// `root`/sys/kernel/security/secrets/coco. The folder appears with all of them or not at all.
// Throws Status::argument if it is there already, unless `force`: then it is replaced, as long as
// it holds nothing but such files. Throws Status::io for all else.
void lay_out_secret_tree(std::span<const SecretEntry> entries, const std::string& root, bool force);

}  // namespace oskbc::owner
