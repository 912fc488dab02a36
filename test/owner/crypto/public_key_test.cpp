// SPDX-License-Identifier: Apache-2.0
#include "owner/crypto/public_key.h"

#include "owner/crypto/private_key.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"

namespace oskbc::public_key_test {

using owner::HashAlgorithm;
using owner::PublicKey;
namespace p384 = owner::p384;

namespace {

p384::Point some_point() {
  core::Bytes scalar(p384::kSize);
  scalar.back() = 3;
  return owner::PrivateKey::from_scalar(scalar).point();
}

// Big endian, odd and with its first bit set.
core::Bytes modulus(std::size_t size) {
  core::Bytes bytes(size, 0xab);
  bytes.back() = 0x01;
  return bytes;
}

core::Bytes exponent(std::uint8_t value) {
  core::Bytes bytes(256);
  bytes.back() = value;
  return bytes;
}

}  // namespace

TEST_CASE("a point is encoded as a 4, x and y") {
  p384::Point point;
  point.x.fill(0x11);
  point.y.fill(0x22);
  const p384::EncodedPoint encoded = p384::encode(point);
  CHECK(encoded[0] == 4);
  CHECK(encoded[1] == 0x11);
  CHECK(encoded[p384::kSize] == 0x11);
  CHECK(encoded[p384::kSize + 1] == 0x22);
  CHECK(encoded.back() == 0x22);
  CHECK(p384::decode(encoded) == point);
}

TEST_CASE("only points of the curve are keys") {
  const p384::Point point = some_point();
  CHECK(PublicKey::from_point(point));
  p384::Point moved = point;
  moved.x.back() ^= 1;
  CHECK_FALSE(PublicKey::from_point(moved));
  moved = point;
  moved.y.front() ^= 0x80;
  CHECK_FALSE(PublicKey::from_point(moved));
  CHECK_FALSE(PublicKey::from_point({}));
  p384::Point large = point;
  large.x.fill(0xff);  // not below the field's prime
  CHECK_FALSE(PublicKey::from_point(large));
}

TEST_CASE("an RSA key has an odd modulus of full length and an odd exponent over 1") {
  CHECK(PublicKey::from_rsa(modulus(256), exponent(3)));
  CHECK(PublicKey::from_rsa(modulus(512), exponent(3))->rsa_size() == 512);
  CHECK_FALSE(PublicKey::from_rsa(modulus(256), exponent(0)));
  CHECK_FALSE(PublicKey::from_rsa(modulus(256), exponent(1)));
  CHECK_FALSE(PublicKey::from_rsa(modulus(256), exponent(4)));
  core::Bytes even = modulus(256);
  even.back() = 0x02;
  CHECK_FALSE(PublicKey::from_rsa(even, exponent(3)));
  core::Bytes short_one = modulus(256);
  short_one.front() = 0x7f;
  CHECK_FALSE(PublicKey::from_rsa(short_one, exponent(3)));
}

TEST_CASE("a key verifies no signature of the other kind") {
  const auto point = PublicKey::from_point(some_point());
  const auto rsa = PublicKey::from_rsa(modulus(256), exponent(3));
  REQUIRE((point && rsa));
  const core::Bytes place(512);
  CHECK_FALSE(point->is_rsa());
  CHECK_FALSE(point->verifies_pss(HashAlgorithm::sha256, {}, place));
  CHECK(rsa->is_rsa());
  CHECK_FALSE(rsa->verifies(HashAlgorithm::sha256, {}, p384::Signature()));
}

TEST_CASE("what has no right signature at all does not verify") {
  const auto point = PublicKey::from_point(some_point());
  const auto rsa = PublicKey::from_rsa(modulus(256), exponent(3));
  CHECK_FALSE(point->verifies(HashAlgorithm::sha256, {}, p384::Signature()));
  CHECK_FALSE(rsa->verifies_pss(HashAlgorithm::sha256, {}, core::Bytes(255, 1)));
  CHECK_FALSE(rsa->verifies_pss(HashAlgorithm::sha256, {}, core::Bytes(257, 1)));
  CHECK_FALSE(rsa->verifies_pss(HashAlgorithm::sha256, {}, core::Bytes(512)));
}

}  // namespace oskbc::public_key_test
