// SPDX-License-Identifier: Apache-2.0
#include "owner/crypto/hash.h"

#include <string>

#include "base/secret_bytes.h"
#include "common/text.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::hash_test {

using owner::equal_in_constant_time;
using owner::hmac_sha256;
using owner::sha256;
using owner::Sha256;
using tools::to_hex;

namespace {

// Of FIPS 180-2, appendix B.
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kMillion = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

}  // namespace

TEST_CASE("SHA-256 gives the standard's digests") {
  CHECK(to_hex(sha256(core::as_bytes("abc"))) == kAbc);
  CHECK(to_hex(sha256({})) == kEmpty);
}

TEST_CASE("pieces hash as the whole, and a digest in between changes nothing") {
  Sha256 hash;
  CHECK(to_hex(hash.digest()) == kEmpty);
  hash.update(core::as_bytes("a"));
  static_cast<void>(hash.digest());
  Sha256 other = hash.clone();
  other.update(core::as_bytes("x"));
  hash.update(core::as_bytes("bc"));
  CHECK(to_hex(hash.digest()) == kAbc);
  CHECK(to_hex(other.digest()) != kAbc);
}

TEST_CASE("a file hashes as its bytes") {
  const test::TempFolder folder;
  const std::string file = folder.write("f", std::string(1'000'000, 'a'));
  CHECK(to_hex(owner::sha256_of_file(file)) == kMillion);
}

TEST_CASE("HMAC gives the answers of RFC 4231") {
  // Cases 1 and 2.
  const core::Bytes key(20, 0x0b);
  CHECK(to_hex(hmac_sha256(key, {core::as_bytes("Hi There")})) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(to_hex(hmac_sha256(core::as_bytes("Jefe"),
                           {core::as_bytes("what do ya want for nothing?")})) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("parts count as one") {
  const core::Bytes key(16, 1);
  const auto whole = hmac_sha256(key, {core::as_bytes("abcdef")});
  CHECK(hmac_sha256(key, {core::as_bytes("ab"), {}, core::as_bytes("cdef")}) == whole);
  core::SecretBytes out(owner::kMacSize);
  hmac_sha256(key, {core::as_bytes("abc"), core::as_bytes("def")}, out.expose_writable());
  CHECK(equal_in_constant_time(out.expose(), whole));
}

TEST_CASE("bytes are equal only with the same length and content") {
  const core::Bytes a = {1, 2, 3};
  CHECK(equal_in_constant_time(a, core::Bytes{1, 2, 3}));
  CHECK(equal_in_constant_time({}, {}));
  CHECK_FALSE(equal_in_constant_time(a, core::Bytes{1, 2}));
  for (std::size_t i = 0; i < a.size(); ++i) {
    core::Bytes b = a;
    b[i] ^= 0x80;
    CHECK_FALSE(equal_in_constant_time(a, b));
  }
}

TEST_CASE("keys are derived as the firmware derives them") {
  for (const auto& vector : test::owner_vectors("kdf.json")) {
    const std::string label = vector["label_text"];
    CAPTURE(label);
    const core::SecretBytes key =
        owner::derive_key(test::hex_bytes(vector["key"]), label, test::hex_bytes(vector["context"]),
                          vector["out_len"].get<std::size_t>());
    CHECK(tools::to_hex(key.expose()) == vector["out"].get<std::string>());
  }
}

TEST_CASE("the length is part of the derivation: a shorter key is not the start of a longer one") {
  const core::Bytes key(16);
  const core::SecretBytes two = owner::derive_key(key, "label", {}, 64);
  const core::SecretBytes one = owner::derive_key(key, "label", {}, 32);
  CHECK(two.size() == 64);
  CHECK(test::bytes_of(two.expose().first(32)) != test::bytes_of(one.expose()));
}

}  // namespace oskbc::hash_test
