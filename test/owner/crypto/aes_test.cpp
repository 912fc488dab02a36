// SPDX-License-Identifier: Apache-2.0
#include "owner/crypto/aes.h"

#include "base/status.h"
#include "common/text.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/fixed_random.h"
#include "unit/failure.h"

namespace oskbc::aes_test {

using owner::aes_128_ctr;

namespace {

core::Bytes crypt(const core::Bytes& key, const core::Bytes& iv, const core::Bytes& in) {
  core::Bytes out(in.size());
  aes_128_ctr(key, iv, in, out);
  return out;
}

core::Bytes hex(const char* text) { return tools::from_hex(text).value(); }

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

TEST_CASE("AES-128-CTR gives the answers of NIST SP 800-38A, F.5.1") {
  const core::Bytes key = hex("2b7e151628aed2a6abf7158809cf4f3c");
  const core::Bytes iv = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const core::Bytes plain = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
  const core::Bytes sealed =
      hex("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
  CHECK(crypt(key, iv, plain) == sealed);
  CHECK(crypt(key, iv, sealed) == plain);
  CHECK(crypt(key, iv, {}).empty());
}

TEST_CASE("the counter has all 128 bits and wraps to zero") {
  const core::Bytes key(16, 7);
  const core::Bytes wrapping = crypt(key, core::Bytes(16, 0xff), core::Bytes(32));
  const core::Bytes from_zero = crypt(key, core::Bytes(16), core::Bytes(16));
  CHECK(core::Bytes(wrapping.begin() + 16, wrapping.end()) == from_zero);
}

TEST_CASE("other lengths are a mistake of the caller") {
  core::Bytes out(16);
  const core::Bytes right(16);
  const core::Bytes wrong(15);
  const auto status = [&](const core::Bytes& key, const core::Bytes& iv, const core::Bytes& in) {
    return test::status_of([&] { aes_128_ctr(key, iv, in, out); });
  };
  CHECK(status(wrong, right, right) == core::Status::internal);
  CHECK(status(right, wrong, right) == core::Status::internal);
  CHECK(status(right, right, wrong) == core::Status::internal);
}

TEST_CASE("sealing with a known IV gives the published answer, which opens") {
  test::FixedRandom random({kIv});
  CHECK(tools::to_hex(owner::seal(kKey, kBound, kPlain, random)) == tools::to_hex(kSealed));
  CHECK(test::bytes_of(owner::unseal(kKey, kBound, kSealed).expose()) == kPlain);
}

TEST_CASE("what is altered, cut or bound to something else does not open") {
  for (std::size_t i = 0; i < kSealed.size(); ++i) {
    core::Bytes changed = kSealed;
    changed[i] ^= 0x10;
    CHECK(unseal(kKey, kBound, changed) == core::Status::decrypt);
    changed = kSealed;
    changed.resize(i);
    CHECK(unseal(kKey, kBound, changed) == core::Status::decrypt);
  }
  core::Bytes key = kKey;
  key[0] ^= 1;
  CHECK(unseal(key, kBound, kSealed) == core::Status::decrypt);
  CHECK(unseal(kKey, {}, kSealed) == core::Status::decrypt);
}

TEST_CASE("nothing at all can be sealed, and each sealing has an IV of its own") {
  owner::SystemRandom random;
  const core::Bytes a = owner::seal(kKey, {}, {}, random);
  CHECK(a.size() == owner::kGcmIvSize + owner::kGcmTagSize);
  CHECK(a != owner::seal(kKey, {}, {}, random));
  CHECK(owner::unseal(kKey, {}, a).empty());
}

}  // namespace oskbc::aes_test
