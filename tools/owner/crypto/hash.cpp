// SPDX-License-Identifier: Apache-2.0

#include "owner/crypto/hash.h"

#include <algorithm>
#include <cstdint>

#include <openssl/crypto.h>
#include <openssl/params.h>

#include "common/binary.h"
#include "common/io.h"
#include "owner/crypto/openssl.h"

namespace oskbc::owner {
namespace {

using Algorithm = std::unique_ptr<EVP_MD, core::evp::Deleter<EVP_MD_free>>;

const EVP_MD* algorithm() {
  static const Algorithm kSha256(EVP_MD_fetch(ossl::library(), "SHA256", nullptr));
  return kSha256.get();
}

void check(int result) { ossl::require(result == 1, "compute a SHA256"); }

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

Sha256::Sha256() : context_(ossl::made(ossl::DigestContext(EVP_MD_CTX_new()))) {
  check(EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr));
}

void Sha256::update(core::ByteView bytes) {
  check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

Digest Sha256::digest() const {
  const Sha256 last = clone();
  Digest digest{};
  check(EVP_DigestFinal_ex(last.context_.get(), digest.data(), nullptr));
  return digest;
}

Sha256 Sha256::clone() const {
  Sha256 copy;
  check(EVP_MD_CTX_copy_ex(copy.context_.get(), context_.get()));
  return copy;
}

Digest sha256(core::ByteView bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.digest();
}

Digest sha256_of_file(const std::string& file) {
  Sha256 hash;
  tools::read_blocks(file, [&](core::ByteView block) { hash.update(block); });
  return hash.digest();
}

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

core::SecretBytes derive_key(core::ByteView key, std::string_view label, core::ByteView context,
                             std::size_t size) {
  constexpr std::uint8_t kSeparator[] = {0};
  const auto bits = tools::le_bytes(static_cast<std::uint32_t>(8 * size));
  core::SecretBytes out(size);
  core::SecretBytes block(kMacSize);
  std::uint32_t counter = 0;
  for (core::ByteSpan rest = out.expose_writable(); !rest.empty();) {
    hmac_sha256(key, {tools::le_bytes(++counter), core::as_bytes(label), kSeparator, context, bits},
                block.expose_writable());
    const std::size_t used = std::min(rest.size(), kMacSize);
    std::ranges::copy(block.expose().first(used), rest.begin());
    rest = rest.subspan(used);
  }
  return out;
}

}  // namespace oskbc::owner
