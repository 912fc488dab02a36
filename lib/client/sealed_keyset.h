// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret_bytes.h"
#include "crypto/provider_cipher.h"
#include "format/keyset.h"
#include "source/secret_source.h"

// A keyset in a file (lib/README.md), for the keys that the secret area has no room for: encrypted
// under one entry of the injected keyset, and known by its digest in another.
namespace oskbc::core {

// The keyset in a file's text. `promised` says whether its digest is the one that was injected.
// Throws Status::keyset, keyset_file_key, keyset_file_altered, keyset_file_old.
[[nodiscard, gnu::cold]] Keyset open_sealed_keyset(const CipherProvider& provider, ByteView key,
                                                   SecretBytes text, bool promised);

// The client's keyset: the injected one, or, where it has the two entries, the one in the file
// together with the rest of the injected one. Throws what reading and opening the file throw; and
// Status::keyset for one of the two without the other, or of another length than 32 bytes, and for
// an id that is in both.
[[nodiscard]] Keyset with_keyset_file(Keyset injected, System& system, const SourceOptions& source,
                                      const CipherProvider& provider);

}  // namespace oskbc::core
