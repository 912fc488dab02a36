// SPDX-License-Identifier: Apache-2.0
#include "owner/ecdh.h"

#include "base/status.h"
#include "owner/openssl.h"
#include "owner/public_key.h"

namespace oskbc::owner {

core::SecretBytes shared_secret(const PrivateKey& key, const p384::Point& peer) {
  const ossl::ErrorQueueMark mark;
  const std::optional<PublicKey> other = PublicKey::from_point(peer);
  if (!other)
    core::fail(core::Status::argument, "the other side's public key is not a point of P-384");
  const ossl::KeyContext context =
      ossl::made(ossl::KeyContext(EVP_PKEY_CTX_new_from_pkey(ossl::library(), key.get(), nullptr)));
  core::SecretBytes z(p384::kSize);
  std::size_t size = z.size();
  const bool worked = EVP_PKEY_derive_init(context.get()) == 1 &&
                      EVP_PKEY_derive_set_peer(context.get(), other->get()) == 1 &&
                      EVP_PKEY_derive(context.get(), z.expose_writable().data(), &size) == 1;
  ossl::require(worked && size == z.size(), "derive a shared secret");
  return z;
}

}  // namespace oskbc::owner
