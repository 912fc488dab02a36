// SPDX-License-Identifier: Apache-2.0
#include "owner/hmac.h"

#include "base/secret_bytes.h"
#include "owner/hex.h"
#include "support/catch.h"

using namespace oskbc;
using owner::equal_in_constant_time;
using owner::hmac_sha256;
using owner::to_hex;

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
