// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/secret_bytes.h"
#include "owner/crypto/random.h"

// A keys file that is encrypted at rest: JWE in flattened JSON (RFC 7516, 7.2.2), "dir" and
// "A256GCM", as `jose` reads and writes it, under a key of 32 bytes in a file of its own. A
// passphrase would have to be typed at each start of a broker; a key file can be on another medium,
// or a credential of systemd's that only this machine's TPM opens (README.md here).
namespace oskbc::owner {

// Whether a keys file's text is one that is encrypted. No keyset has such members.
[[nodiscard]] bool is_sealed(std::string_view text);

// Text in that form, under a key of 32 bytes whose id is `kid`, which may be empty.
[[nodiscard]] std::string seal_jwe(core::ByteView plain, core::ByteView key, const std::string& kid,
                                   Random& random);

// The text of a new file.
[[nodiscard]] std::string seal_keys(core::ByteView plain, core::ByteView key, Random& random);

// `file` is for messages. Throws Status::keyset for what is another JWE or none, Status::decrypt
// for another key.
[[nodiscard]] core::SecretBytes unseal_keys(std::string_view text, core::ByteView key,
                                            const std::string& file);

// The key in a file, 32 bytes or base64 of them. Throws Status::argument.
[[nodiscard]] core::SecretBytes read_sealing_key(const std::string& file);
// Makes one, which must not be there.
void make_sealing_key(const std::string& file, Random& random);

// The service manager's credential "oskbc-keys-key" (LoadCredential=, systemd.exec(5)); "" if there
// is none.
[[nodiscard]] std::string sealing_key_credential();

}  // namespace oskbc::owner
