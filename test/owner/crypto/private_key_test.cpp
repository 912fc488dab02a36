// SPDX-License-Identifier: Apache-2.0
#include "owner/crypto/private_key.h"

#include "base/status.h"
#include "owner/crypto/public_key.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/fixed_random.h"
#include "unit/failure.h"

namespace oskbc::private_key_test {

using owner::HashAlgorithm;
using owner::PrivateKey;
using owner::shared_secret;

namespace {

// The number of points of P-384 (SEC 2, section 2.5.1): the first number that is no private one.
constexpr const char* kOrder =
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc529"
    "73";

core::Bytes order() { return tools::from_hex(kOrder).value(); }

core::Bytes number(std::uint8_t last) {
  core::Bytes bytes(owner::p384::kSize);
  bytes.back() = last;
  return bytes;
}

core::Status status(const core::Bytes& scalar) {
  return test::status_of([&] { static_cast<void>(PrivateKey::from_scalar(scalar)); });
}

}  // namespace

TEST_CASE("a private number gives its point") {
  for (const auto& vector : test::owner_vectors("sessions.json")) {
    const auto key = PrivateKey::from_scalar(test::hex_bytes(vector["godh_private_scalar_be"]));
    CHECK(tools::to_hex(key.point().x) == vector["godh_x_be"].get<std::string>());
    CHECK(tools::to_hex(key.point().y) == vector["godh_y_be"].get<std::string>());
  }
}

TEST_CASE("a private number is between 0 and the curve's order") {
  core::Bytes last = order();
  last.back() -= 1;
  CHECK(status(number(1)) == core::Status::ok);
  CHECK(status(last) == core::Status::ok);
  CHECK(status(number(0)) == core::Status::argument);
  CHECK(status(order()) == core::Status::argument);
  CHECK(status(core::Bytes(48, 0xff)) == core::Status::argument);
  CHECK(status(core::Bytes(47, 1)) == core::Status::argument);
  CHECK(status(core::Bytes(49, 1)) == core::Status::argument);
}

TEST_CASE("a new key's number is drawn until it is in range") {
  test::FixedRandom random({number(0), order(), number(5), number(6)});
  const PrivateKey key = PrivateKey::generate(random);
  CHECK(key.point() == PrivateKey::from_scalar(number(5)).point());
  CHECK_FALSE(random.all_used());
}

TEST_CASE("a signature is its key's, its data's and its hash's") {
  const PrivateKey key = PrivateKey::from_scalar(number(5));
  const auto mine = owner::PublicKey::from_point(key.point());
  const auto other = owner::PublicKey::from_point(PrivateKey::from_scalar(number(6)).point());
  REQUIRE((mine && other));
  const auto data = core::as_bytes("data");
  const owner::p384::Signature signature = key.sign(HashAlgorithm::sha256, data);
  CHECK(mine->verifies(HashAlgorithm::sha256, data, signature));
  CHECK_FALSE(mine->verifies(HashAlgorithm::sha384, data, signature));
  CHECK_FALSE(mine->verifies(HashAlgorithm::sha256, core::as_bytes("date"), signature));
  CHECK_FALSE(other->verifies(HashAlgorithm::sha256, data, signature));
  CHECK(mine->verifies(HashAlgorithm::sha384, data, key.sign(HashAlgorithm::sha384, data)));
}

TEST_CASE("both sides find the same Z, with its leading zeros") {
  const auto certificates = test::owner_vectors("certificates.json");
  const auto pdh =
      PrivateKey::from_scalar(test::hex_bytes(certificates["private_scalars_be"]["pdh"]));
  for (const auto& vector : test::owner_vectors("sessions.json")) {
    CAPTURE(vector["name"].get<std::string>());
    const auto godh = PrivateKey::from_scalar(test::hex_bytes(vector["godh_private_scalar_be"]));
    const core::SecretBytes z = shared_secret(godh, test::pdh_certificate().pdh_point());
    CHECK(tools::to_hex(z.expose()) == vector["shared_secret_z"].get<std::string>());
    CHECK(test::bytes_of(shared_secret(pdh, godh.point()).expose()) == test::bytes_of(z.expose()));
  }
}

TEST_CASE("a peer that is not on the curve gives no secret") {
  core::Bytes scalar(owner::p384::kSize);
  scalar.back() = 2;
  const PrivateKey key = PrivateKey::from_scalar(scalar);
  owner::p384::Point point = key.point();
  point.y.back() ^= 1;
  CHECK(test::status_of([&] { static_cast<void>(shared_secret(key, point)); }) ==
        core::Status::argument);
}

}  // namespace oskbc::private_key_test
