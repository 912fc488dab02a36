// SPDX-License-Identifier: Apache-2.0
#include "owner/ecdh.h"

#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using owner::PrivateKey;
using owner::shared_secret;

TEST_CASE("both sides find the same Z, with its leading zeros") {
  const auto certificates = test::owner_vectors("certificates.json");
  const auto pdh =
      PrivateKey::from_scalar(test::hex_bytes(certificates["private_scalars_be"]["pdh"]));
  for (const auto& vector : test::owner_vectors("sessions.json")) {
    CAPTURE(vector["name"].get<std::string>());
    const auto godh = PrivateKey::from_scalar(test::hex_bytes(vector["godh_private_scalar_be"]));
    const core::SecretBytes z = shared_secret(godh, test::pdh_certificate().pdh_point());
    CHECK(owner::to_hex(z.expose()) == vector["shared_secret_z"]);
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
