// SPDX-License-Identifier: Apache-2.0
#include "agent/es256.h"

#include "format/base64.h"
#include "support/catch.h"

namespace oskbc::es256_test {

using agent::Es256;
using agent::P256Point;
using core::Bytes;

namespace {

Bytes bytes_of(std::string_view base64) { return core::base64::decode(base64).value(); }

// The example of RFC 7515, appendix A.3.
const P256Point kKey = {bytes_of("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU="),
                        bytes_of("x/FEzRu9m36HLN/tue659LNpXW6pCyStikYjKIWI5a0=")};
constexpr std::string_view kText =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const Bytes kSignature = bytes_of(
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6+Xx+F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3+Kg6NU1Q==");

}  // namespace

TEST_CASE("the signature of RFC 7515 holds") {
  const Es256 es256;
  CHECK(es256.verify(kKey, core::as_bytes(kText), kSignature));
  CHECK(es256.verify(kKey, core::as_bytes(kText), kSignature));
}

TEST_CASE("no bit of it can change") {
  const Es256 es256;
  for (std::size_t bit = 0; bit < 8 * kSignature.size(); ++bit) {
    Bytes changed = kSignature;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << bit % 8));
    CHECK_FALSE(es256.verify(kKey, core::as_bytes(kText), changed));
  }
  CHECK_FALSE(es256.verify(kKey, core::as_bytes(kText.substr(1)), kSignature));
  CHECK_FALSE(es256.verify({kKey.y, kKey.x}, core::as_bytes(kText), kSignature));
}

TEST_CASE("what is no point, key or signature is no error") {
  const Es256 es256;
  const Bytes zero(32);
  CHECK_FALSE(es256.verify({zero, zero}, core::as_bytes(kText), kSignature));
  CHECK_FALSE(es256.verify({kKey.x, zero}, core::as_bytes(kText), kSignature));
  CHECK_FALSE(es256.verify({kKey.x, Bytes(31)}, core::as_bytes(kText), kSignature));
  CHECK_FALSE(es256.verify({{}, {}}, core::as_bytes(kText), kSignature));
  CHECK_FALSE(es256.verify(kKey, core::as_bytes(kText), Bytes(64)));
  CHECK_FALSE(es256.verify(kKey, core::as_bytes(kText), Bytes(64, 0xff)));
  CHECK_FALSE(es256.verify(kKey, core::as_bytes(kText), Bytes(63)));
  CHECK_FALSE(es256.verify(kKey, core::as_bytes(kText), {}));
}

}  // namespace oskbc::es256_test
