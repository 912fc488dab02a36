// SPDX-License-Identifier: Apache-2.0
#include "owner/certificates/sev_certificate.h"

#include "base/error.h"
#include "base/status.h"
#include "owner/crypto/hash.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::sev_certificate_test {

using owner::SevCertificate;
using owner::Usage;

namespace {

core::Bytes mutated(const nlohmann::json& vector) {
  core::Bytes bytes = test::certificate_bytes("pdh");
  if (vector.contains("size")) bytes.resize(vector["size"]);
  if (!vector.contains("at")) return bytes;
  const core::Bytes patch = test::hex_bytes(vector["bytes"]);
  const auto place = bytes.begin() + vector["at"].get<std::ptrdiff_t>();
  REQUIRE_FALSE(std::equal(patch.begin(), patch.end(), place));
  std::ranges::copy(patch, place);
  return bytes;
}

bool is_signed_by_pek(const core::Bytes& bytes) {
  const auto pek = SevCertificate::parse(test::certificate_bytes("pek"), "pek");
  return SevCertificate::parse(bytes, "pdh").is_signed_by(Usage::pek, pek.key());
}

owner::PrivateKey godh_key(const nlohmann::json& vector) {
  return owner::PrivateKey::from_scalar(test::hex_bytes(vector["godh_private_scalar_be"]));
}

}  // namespace

TEST_CASE("a platform's certificates are read") {
  const auto vectors = test::owner_vectors("certificates.json");
  for (const auto& [name, usage] : {std::pair{"oca", Usage::oca}, std::pair{"cek", Usage::cek},
                                    std::pair{"pek", Usage::pek}, std::pair{"pdh", Usage::pdh}}) {
    CAPTURE(name);
    const core::Bytes bytes = test::certificate_bytes(name);
    const SevCertificate certificate = SevCertificate::parse(bytes, name);
    const auto key =
        owner::PrivateKey::from_scalar(test::hex_bytes(vectors["private_scalars_be"][name]));
    CHECK(certificate.usage() == usage);
    CHECK(certificate.api_major() == 0);
    CHECK(certificate.api_minor() == 22);
    CHECK(test::bytes_of(certificate.bytes()) == bytes);
    CHECK(certificate.key().verifies(owner::HashAlgorithm::sha256, bytes,
                                     key.sign(owner::HashAlgorithm::sha256, bytes)));
    if (usage == Usage::pdh) CHECK(certificate.pdh_point() == key.point());
  }
}

TEST_CASE("a PDH with any field changed is refused with the reason, or does not verify") {
  for (const auto& vector : test::owner_vectors("bad_pdh.json")) {
    CAPTURE(vector["name"].get<std::string>());
    const core::Bytes bytes = mutated(vector);
    const test::Failure failure =
        test::failure_of([&] { static_cast<void>(SevCertificate::parse(bytes, "F")); });
    const std::string expect = vector["expect"];
    if (expect == "refused") {
      CHECK(failure.status == core::Status::argument);
      CHECK(failure.text == "F: " + vector["reason"].get<std::string>());
    } else {
      REQUIRE(failure.status == core::Status::ok);
      CHECK(is_signed_by_pek(bytes) == (expect == "accepted"));
    }
  }
}

TEST_CASE("no bit of a PDH's signed half can be changed") {
  const core::Bytes right = test::certificate_bytes("pdh");
  for (std::size_t i = 0; i < SevCertificate::kSignedSize; ++i) {
    core::Bytes bytes = right;
    bytes[i] ^= static_cast<std::uint8_t>(1U << i % 8);
    const bool verified = test::status_of([&] {
                            if (!is_signed_by_pek(bytes)) core::fail(core::Status::decrypt, "no");
                          }) == core::Status::ok;
    if (verified) FAIL_CHECK("byte " << i << " is not looked at");
  }
}

TEST_CASE("only a PDH is taken for a session") {
  for (const char* name : {"pek", "oca", "cek"}) {
    const SevCertificate certificate = SevCertificate::parse(test::certificate_bytes(name), "F");
    const test::Failure failure =
        test::failure_of([&] { static_cast<void>(certificate.pdh_point()); });
    CHECK(failure.status == core::Status::argument);
    CHECK(failure.text.find("a PDH is needed") != std::string::npos);
  }
}

TEST_CASE("signatures are found by their signer") {
  const SevCertificate pek = SevCertificate::parse(test::certificate_bytes("pek"), "pek");
  CHECK(pek.signature_by(Usage::oca));
  CHECK(pek.signature_by(Usage::cek));
  CHECK_FALSE(pek.signature_by(Usage::ask));
  CHECK_FALSE(pek.signature_by(Usage::none));
  CHECK(pek.is_signed());
}

TEST_CASE("a GODH has the body that AMD's tool and sevctl write") {
  for (const auto& vector : test::owner_vectors("sessions.json")) {
    CAPTURE(vector["name"].get<std::string>());
    const SevCertificate godh = SevCertificate::make_godh(godh_key(vector));
    CHECK(tools::to_hex(owner::sha256(godh.signed_bytes())) ==
          vector["godh_body_1044_sha256"].get<std::string>());
    CHECK(godh.is_signed_by(Usage::pek, godh.key()));
    // Apart from the signature, which is random, it is AMD's byte for byte.
    core::Bytes theirs = test::from_base64(vector["godh_sevtool_selfsigned_b64"]);
    const core::ByteView value = godh.bytes().subspan(1052, 144);
    std::ranges::copy(value, theirs.begin() + 1052);
    CHECK(test::bytes_of(godh.bytes()) == theirs);
  }
}

TEST_CASE("a GODH is read in both forms, signed and not") {
  for (const auto& vector : test::owner_vectors("sessions.json")) {
    const auto signed_one =
        SevCertificate::parse(test::from_base64(vector["godh_sevtool_selfsigned_b64"]), "F");
    const auto unsigned_one =
        SevCertificate::parse(test::from_base64(vector["godh_virtee_unsigned_b64"]), "F");
    CHECK(signed_one.is_signed_by(Usage::pek, signed_one.key()));
    CHECK_FALSE(unsigned_one.is_signed());
    CHECK(signed_one.pdh_point() == unsigned_one.pdh_point());
  }
}

TEST_CASE("an OCA may have an RSA key") {
  const auto chain = test::owner_vectors("chains.json")["ecdsa_sha384_and_rsa_oca"];
  core::Bytes bytes = test::from_base64(chain["oca"]);
  const SevCertificate oca = SevCertificate::parse(bytes, "oca");
  CHECK(oca.key().is_rsa());
  CHECK(oca.is_signed_by(Usage::oca, oca.key()));
  const auto reason_with = [&](std::size_t at, std::uint8_t byte) {
    core::Bytes changed = bytes;
    changed[at] = byte;
    return test::failure_of([&] { static_cast<void>(SevCertificate::parse(changed, "F")); }).text;
  };
  CHECK(reason_with(17, 4) == "F: its RSA modulus has 1024 bits, not 2048 or 4096");
  CHECK(reason_with(532 + 256, 1) == "F: its RSA key is longer than the 2048 bits that it says");
  CHECK(reason_with(20, 2) ==
        "F: its RSA key is none: an even or short modulus, or an even exponent");
}

}  // namespace oskbc::sev_certificate_test
