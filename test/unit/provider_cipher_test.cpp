// SPDX-License-Identifier: Apache-2.0
#include "crypto/provider_cipher.h"

#include <array>

#include "base/error.h"
#include "support/catch.h"

namespace oskbc::provider_cipher_test {

using core::Bytes;
using core::ProviderCipher;

namespace {

// The all-zero case of the GCM specification's test vectors for 256-bit keys: one block of zeros.
const Bytes kKey(32, 0);
const Bytes kIv(12, 0);
const Bytes kPlain(16, 0);
const Bytes kCipher = {0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e,
                       0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18};
const Bytes kTag = {0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0,
                    0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19};

}  // namespace

TEST_CASE("a cipher of the provider gives the published answer, both ways") {
  const core::CipherProvider provider;
  const ProviderCipher gcm(provider, "AES-256-GCM");
  Bytes out(16);
  Bytes tag(16);
  CHECK(gcm.encrypt(kKey, kIv, kPlain, out, tag));
  CHECK(out == kCipher);
  CHECK(tag == kTag);
  CHECK(gcm.decrypt(kKey, kIv, kCipher, kTag, out));
  CHECK(out == kPlain);
}

TEST_CASE("a wrong tag and lengths that are not the cipher's own are refused") {
  const core::CipherProvider provider;
  const ProviderCipher gcm(provider, "AES-256-GCM");
  Bytes out(16);
  Bytes tag = kTag;
  tag[15] ^= 1;
  CHECK_FALSE(gcm.decrypt(kKey, kIv, kCipher, tag, out));
  CHECK_FALSE(gcm.decrypt(Bytes(31), kIv, kCipher, kTag, out));
  const ProviderCipher ctr(provider, "AES-256-CTR");
  CHECK_FALSE(ctr.decrypt(kKey, Bytes(12), kCipher, {}, out));
}

TEST_CASE("only the first of a cipher's names finds it") {
  const core::CipherProvider provider;
  CHECK_THROWS_AS(ProviderCipher(provider, "AES-256"), core::Error);
  CHECK_THROWS_AS(ProviderCipher(provider, "id-aes256-GCM"), core::Error);
}

}  // namespace oskbc::provider_cipher_test
