// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "owner/certificates/sev_certificate.h"
#include "owner/crypto/random.h"

// What a guest owner gives a platform to launch a guest with (README.md here; AMD's sevapi.h,
// sev_session_buf): the keys of this one launch, wrapped for the platform's PDH.
namespace oskbc::owner {

inline constexpr std::size_t kTransportKeySize = 16;
inline constexpr std::size_t kNonceSize = 16;
using Nonce = std::array<std::uint8_t, kNonceSize>;

inline constexpr std::size_t kLaunchBlobSize = 128;
using LaunchBlob = std::array<std::uint8_t, kLaunchBlobSize>;

// TEK encrypts the secrets, TIK authenticates them, the policy and the measurement.
struct TransportKeys {
  core::SecretBytes tek;
  core::SecretBytes tik;
};

// A TEK or TIK from a file, in bytes or base64; `name` is for messages. 16 bytes are the key
// itself, whatever they look like.
[[nodiscard]] core::SecretBytes read_transport_key(const std::string& file, const char* name);
// Both from one file of 32 bytes, TEK first, as sev-tool and libvirt have them.
[[nodiscard]] TransportKeys read_transport_keys(const std::string& file);

// What both sides derive from Z: the KEK wraps the transport keys, the KIK authenticates them.
struct SessionKeys {
  core::SecretBytes master;
  core::SecretBytes kek;
  core::SecretBytes kik;
};

[[nodiscard]] SessionKeys derive_session_keys(core::ByteView z, const Nonce& nonce);

[[nodiscard]] LaunchBlob make_launch_blob(const SessionKeys& session, const Nonce& nonce,
                                          const Nonce& wrap_iv, const TransportKeys& keys,
                                          std::uint32_t policy);

struct Session {
  SevCertificate godh;
  LaunchBlob blob;
  TransportKeys keys;
};

// Makes all of it anew for one launch. Draws, in this order: GODH key, nonce, TEK, TIK, wrapping
// IV. Throws Status::argument for a certificate that is not a PDH.
[[nodiscard]] Session make_session(const SevCertificate& pdh, std::uint32_t policy, Random& random);

}  // namespace oskbc::owner
