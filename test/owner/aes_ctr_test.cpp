// SPDX-License-Identifier: Apache-2.0
#include "owner/aes_ctr.h"

#include "owner/hex.h"
#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using owner::aes_128_ctr;

namespace {

core::Bytes crypt(const core::Bytes& key, const core::Bytes& iv, const core::Bytes& in) {
  core::Bytes out(in.size());
  aes_128_ctr(key, iv, in, out);
  return out;
}

core::Bytes hex(const char* text) { return owner::from_hex(text).value(); }

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
