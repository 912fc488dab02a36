// SPDX-License-Identifier: Apache-2.0
#include "owner/hmac.h"

#include <openssl/crypto.h>
#include <openssl/params.h>

#include "owner/openssl.h"

namespace oskbc::owner {
namespace {

using core::ByteSpan;
using core::ByteView;

ossl::MacContext start(ByteView key) {
  const ossl::MacAlgorithm hmac(EVP_MAC_fetch(ossl::library(), "HMAC", nullptr));
  ossl::require(hmac != nullptr, "find HMAC");
  ossl::MacContext context = ossl::made(ossl::MacContext(EVP_MAC_CTX_new(hmac.get())));
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  ossl::require(EVP_MAC_init(context.get(), key.data(), key.size(), parameters) == 1, "start HMAC");
  return context;
}

}  // namespace

void hmac_sha256(ByteView key, std::initializer_list<ByteView> parts, ByteSpan out) {
  const ossl::ErrorQueueMark mark;
  const ossl::MacContext context = start(key);
  bool worked = true;
  for (const ByteView part : parts) {
    worked = worked && EVP_MAC_update(context.get(), part.data(), part.size()) == 1;
  }
  std::size_t size = 0;
  worked = worked && EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1;
  ossl::require(worked && size == kMacSize, "compute an HMAC");
}

Mac hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
  Mac mac{};
  hmac_sha256(key, parts, mac);
  return mac;
}

bool equal_in_constant_time(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace oskbc::owner
