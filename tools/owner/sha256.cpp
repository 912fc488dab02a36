// SPDX-License-Identifier: Apache-2.0
#include "owner/sha256.h"

#include "owner/block_reader.h"

namespace oskbc::owner {
namespace {

using Algorithm = std::unique_ptr<EVP_MD, core::evp::Deleter<EVP_MD_free>>;

const EVP_MD* algorithm() {
  static const Algorithm kSha256(EVP_MD_fetch(ossl::library(), "SHA256", nullptr));
  return kSha256.get();
}

void check(int result) { ossl::require(result == 1, "compute a SHA256"); }

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
  read_blocks(file, [&](core::ByteView block) { hash.update(block); });
  return hash.digest();
}

}  // namespace oskbc::owner
