// SPDX-License-Identifier: Apache-2.0
#include "crypto/keyset_file_cipher.h"

#include <string_view>

#include "support/catch.h"
#include "unit/test_bytes.h"

namespace oskbc::keyset_file_cipher_test {

using core::Bytes;
using test::from_hex;

TEST_CASE("SHA-256 gives the published answers") {
  const core::CipherProvider provider;
  const auto digest_of = [&](std::string_view text) {
    const core::Sha256 digest = core::sha256(provider, core::as_bytes(text));
    return Bytes(digest.begin(), digest.end());
  };
  // FIPS 180-4's examples.
  CHECK(digest_of("") ==
        from_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  CHECK(digest_of("abc") ==
        from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

TEST_CASE("a wrapped key comes out as published, and not for another key or a changed one") {
  // RFC 3394, 4.6.
  const core::CipherProvider provider;
  Bytes kek = from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  Bytes wrapped =
      from_hex("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
  const Bytes expected =
      from_hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
  Bytes key(wrapped.size() - 8);
  REQUIRE(core::unwrap_key(provider, kek, wrapped, key));
  CHECK(key == expected);
  wrapped[0] ^= 1;
  CHECK_FALSE(core::unwrap_key(provider, kek, wrapped, key));
  wrapped[0] ^= 1;
  kek[31] ^= 1;
  CHECK_FALSE(core::unwrap_key(provider, kek, wrapped, key));
}

TEST_CASE("GCM opens with its associated data in its own place, and leaves nothing otherwise") {
  // Test case 16 of the GCM specification.
  const core::CipherProvider provider;
  const Bytes key = from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const Bytes iv = from_hex("cafebabefacedbaddecaf888");
  const Bytes plain = from_hex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const Bytes cipher = from_hex(
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662");
  const Bytes associated = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const Bytes tag = from_hex("76fc6ece0f4e1768cddf8853bb2d551b");
  Bytes text = cipher;
  REQUIRE(core::open_gcm(provider, key, iv, associated, tag, text));
  CHECK(text == plain);
  const auto refuses = [&](Bytes other_associated, Bytes other_tag) {
    text = cipher;
    CHECK_FALSE(core::open_gcm(provider, key, iv, other_associated, other_tag, text));
    CHECK(text == Bytes(cipher.size()));
  };
  refuses({}, tag);
  refuses({associated.begin(), associated.end() - 1}, tag);
  refuses(associated, {tag.begin(), tag.end() - 1});
  Bytes other_tag = tag;
  other_tag[15] ^= 0x80;
  refuses(associated, other_tag);
}

}  // namespace oskbc::keyset_file_cipher_test
