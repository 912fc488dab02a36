// SPDX-License-Identifier: Apache-2.0
#include "owner/aes_gcm.h"

#include "owner/hex.h"
#include "owner/refusal.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/fixed_random.h"
#include "unit/failure.h"

using namespace oskbc;

namespace {

core::Bytes hex(const char* text) { return owner::from_hex(text).value(); }

// McGrew and Viega, The Galois/Counter Mode of Operation, appendix B, test case 16.
const core::Bytes kKey = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
const core::Bytes kIv = hex("cafebabefacedbaddecaf888");
const core::Bytes kPlain =
    hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449"
        "a6b525b16aedf5aa0de657ba637b39");
const core::Bytes kBound = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
const core::Bytes kSealed =
    hex("cafebabefacedbaddecaf888522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8c"
        "b08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");

core::Status unseal(const core::Bytes& key, const core::Bytes& bound, const core::Bytes& sealed) {
  return test::status_of([&] { static_cast<void>(owner::unseal(key, bound, sealed)); });
}

}  // namespace

TEST_CASE("sealing with a known IV gives the published answer, which opens") {
  test::FixedRandom random({kIv});
  CHECK(owner::to_hex(owner::seal(kKey, kBound, kPlain, random)) == owner::to_hex(kSealed));
  CHECK(test::bytes_of(owner::unseal(kKey, kBound, kSealed).expose()) == kPlain);
}

TEST_CASE("what is altered, cut or bound to something else does not open") {
  for (std::size_t i = 0; i < kSealed.size(); ++i) {
    core::Bytes changed = kSealed;
    changed[i] ^= 0x10;
    CHECK(unseal(kKey, kBound, changed) == owner::kRefused);
    changed = kSealed;
    changed.resize(i);
    CHECK(unseal(kKey, kBound, changed) == owner::kRefused);
  }
  core::Bytes key = kKey;
  key[0] ^= 1;
  CHECK(unseal(key, kBound, kSealed) == owner::kRefused);
  CHECK(unseal(kKey, {}, kSealed) == owner::kRefused);
}

TEST_CASE("nothing at all can be sealed, and each sealing has an IV of its own") {
  owner::SystemRandom random;
  const core::Bytes a = owner::seal(kKey, {}, {}, random);
  CHECK(a.size() == owner::kGcmIvSize + owner::kGcmTagSize);
  CHECK(a != owner::seal(kKey, {}, {}, random));
  CHECK(owner::unseal(kKey, {}, a).empty());
}
