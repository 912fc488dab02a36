// SPDX-License-Identifier: Apache-2.0
// The owner's half of a launch against the stand-in for the platform's.
#include "support/platform.h"

#include <stdexcept>

#include "owner/certificates/certificate_chain.h"
#include "owner/launch/launch_secret.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/platform_certificates.h"

namespace oskbc::platform_test {

using test::Platform;

namespace {

owner::PrivateKey new_key() {
  owner::SystemRandom random;
  return owner::PrivateKey::generate(random);
}

struct Launch {
  owner::PrivateKey key = new_key();
  test::PlatformCertificates certificates = test::make_platform_certificates(key);
  owner::SevCertificate pdh = owner::SevCertificate::parse(certificates.pdh, "pdh");
  Platform platform{std::move(key)};
  owner::SystemRandom random;
  owner::Session session = owner::make_session(pdh, 5, random);

  Platform::Guest start(std::uint32_t policy = 5) {
    return platform.start(session.godh.bytes(), session.blob, policy);
  }
  // The owner's measurement, which has to be the platform's.
  owner::LaunchMeasurement measure(Platform::Guest& guest) {
    const core::Bytes both = platform.measure(guest, kDigest, kNonce);
    const auto given = owner::parse_launch_measurement(tools::to_hex(both));
    CHECK(owner::measure_launch(session.keys.tik.expose(), platform.firmware, 5, kDigest, kNonce) ==
          given.measure);
    return given;
  }

  static constexpr owner::Digest kDigest{0xd1};
  static constexpr owner::Nonce kNonce{0x0e};
};

}  // namespace

TEST_CASE("the platform takes what the owner makes, from the session to the secret") {
  Launch launch;
  Platform::Guest guest = launch.start();
  const auto given = launch.measure(guest);
  const core::Bytes table(48, 0x5e);
  const auto secret =
      owner::seal_launch_secret(table, launch.session.keys, given.measure, launch.random);
  CHECK(test::bytes_of(launch.platform.inject(guest, secret.header, secret.data).expose()) ==
        table);
}

TEST_CASE("old firmware takes measurements and secrets in their short form") {
  Launch launch;
  launch.platform.firmware = {0, 16, 3};
  Platform::Guest guest = launch.start();
  const auto given = launch.measure(guest);
  const core::Bytes table(16, 1);
  const auto bound =
      owner::seal_launch_secret(table, launch.session.keys, given.measure, launch.random);
  CHECK_THROWS_AS(launch.platform.inject(guest, bound.header, bound.data), std::runtime_error);
  const auto secret =
      owner::seal_launch_secret(table, launch.session.keys, std::nullopt, launch.random);
  CHECK(test::bytes_of(launch.platform.inject(guest, secret.header, secret.data).expose()) ==
        table);
}

TEST_CASE("the platform refuses another policy, another blob and another platform's session") {
  Launch launch;
  CHECK_THROWS_WITH(launch.start(4), Catch::ContainsSubstring("policy's MAC"));
  CHECK_THROWS_WITH(launch.start(0x105), Catch::ContainsSubstring("policy's MAC"));
  for (std::size_t i = 0; i < owner::kLaunchBlobSize; ++i) {
    CAPTURE(i);
    owner::LaunchBlob blob = launch.session.blob;
    blob[i] ^= 1;
    CHECK_THROWS_AS(launch.platform.start(launch.session.godh.bytes(), blob, 5),
                    std::runtime_error);
  }
  Launch other;
  CHECK_THROWS_AS(other.platform.start(launch.session.godh.bytes(), launch.session.blob, 5),
                  std::runtime_error);
}

TEST_CASE("the platform refuses a secret for another launch, and one that was changed") {
  Launch launch;
  Platform::Guest guest = launch.start();
  const auto given = launch.measure(guest);
  auto secret =
      owner::seal_launch_secret(core::Bytes(16), launch.session.keys, given.measure, launch.random);
  Platform::Guest other = launch.start();
  static_cast<void>(launch.platform.measure(other, {}, {}));
  CHECK_THROWS_AS(launch.platform.inject(other, secret.header, secret.data), std::runtime_error);
  secret.data[3] ^= 1;
  CHECK_THROWS_AS(launch.platform.inject(guest, secret.header, secret.data), std::runtime_error);
}

TEST_CASE("the stand-in's certificates are a chain") {
  const Launch launch;
  const auto& made = launch.certificates;
  owner::CertificateChain chain;
  for (const core::Bytes* bytes :
       {&made.pdh, &made.pek, &made.oca, &made.exported_cek, &made.cek, &made.ask, &made.ark}) {
    chain.add(*bytes, "F");
  }
  for (const auto& link : chain.check()) {
    CAPTURE(link.what);
    CHECK(link.reason.empty());
  }
}

}  // namespace oskbc::platform_test
