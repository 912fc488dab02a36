// SPDX-License-Identifier: Apache-2.0
#include "owner/sha256.h"

#include <string>

#include "owner/hex.h"
#include "owner/temp_folder.h"
#include "support/catch.h"

using namespace oskbc;
using owner::sha256;
using owner::Sha256;
using owner::to_hex;

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
