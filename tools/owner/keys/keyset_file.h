// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "owner/crypto/random.h"
#include "owner/keys/keys_file.h"

// A keyset in a file, for the keys that the secret area has no room for (lib/README.md). What opens
// it are two keys like others, which any key broker releases.
namespace oskbc::owner {

struct SealedKeysetFile {
  std::size_t keys = 0;
  std::size_t bytes = 0;
  bool made_key = false;  // or else the one of the keys file was used again
};

// Encrypts keys into `output`: the ids given, or all but the two. Both go into the keys file, the
// key where it has none, or where a new one is asked for. Throws Status::unknown_key for an id that
// isn't there; Status::argument for one of the two, for nothing to encrypt and for more than a
// guest reads; and what the keys file and tools::write_file() throw.
SealedKeysetFile seal_keyset_file(const KeysLocation& keys, std::span<const std::string> ids,
                                  const std::string& output, bool new_key, bool force);

}  // namespace oskbc::owner
