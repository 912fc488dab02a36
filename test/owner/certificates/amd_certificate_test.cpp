// SPDX-License-Identifier: Apache-2.0
#include "owner/certificates/amd_certificate.h"

#include "base/status.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::amd_certificate_test {

using owner::AmdCertificate;
using owner::Usage;

namespace {

core::Bytes bytes_of(const char* chain, const char* name) {
  return test::from_base64(test::owner_vectors("chains.json")[chain][name]);
}

AmdCertificate certificate(const char* chain, const char* name) {
  return AmdCertificate::parse(bytes_of(chain, name), name);
}

std::string reason(const core::Bytes& bytes) {
  const test::Failure failure =
      test::failure_of([&] { static_cast<void>(AmdCertificate::parse(bytes, "F")); });
  CHECK(failure.status == core::Status::argument);
  return failure.text;
}

std::string reason_with(std::size_t at, std::uint8_t byte) {
  core::Bytes bytes = bytes_of("rsa_2048", "ark");
  bytes[at] = byte;
  return reason(bytes);
}

}  // namespace

TEST_CASE("AMD's two sizes of keys are read and verified") {
  for (const auto& [chain, size] : {std::pair{"rsa_2048", 832U}, std::pair{"rsa_4096", 1600U}}) {
    CAPTURE(chain);
    const AmdCertificate ark = certificate(chain, "ark");
    const AmdCertificate ask = certificate(chain, "ask");
    CHECK(ark.bytes().size() == size);
    CHECK(AmdCertificate::size_at_start(ask.bytes()) == size);
    CHECK(ark.usage() == Usage::ark);
    CHECK(ask.usage() == Usage::ask);
    CHECK(ark.is_signed_by(ark));
    CHECK(ask.is_signed_by(ark));
    CHECK_FALSE(ask.is_signed_by(ask));
    CHECK_FALSE(ark.is_signed_by(ask));
  }
}

TEST_CASE("an ASK of another root does not verify") {
  CHECK_FALSE(certificate("rsa_2048", "ask").is_signed_by(certificate("rsa_4096", "ark")));
  CHECK_FALSE(certificate("rsa_4096", "ask").is_signed_by(certificate("rsa_2048", "ark")));
  CHECK_FALSE(
      certificate("rsa_2048", "ask").is_signed_by(certificate("ecdsa_sha384_and_rsa_oca", "ark")));
}

TEST_CASE("no byte of an ASK can be changed") {
  const AmdCertificate ark = certificate("rsa_2048", "ark");
  const core::Bytes right = bytes_of("rsa_2048", "ask");
  for (std::size_t i = 0; i < right.size(); ++i) {
    core::Bytes bytes = right;
    bytes[i] ^= static_cast<std::uint8_t>(1U << i % 8);
    bool verified = false;
    static_cast<void>(
        test::status_of([&] { verified = AmdCertificate::parse(bytes, "F").is_signed_by(ark); }));
    if (verified) FAIL_CHECK("byte " << i << " is not looked at");
  }
}

TEST_CASE("each field that cannot be right has its reason") {
  CHECK(reason({}) == "F: this is no ASK or ARK of 2048 or 4096 bits");
  CHECK(reason_with(0, 2) == "F: its version is 2; only 1 is known");
  CHECK(reason_with(36, 0x14) == "F: this is no ASK or ARK of 2048 or 4096 bits");
  CHECK(reason_with(40, 1) == "F: its reserved bytes are not zero");
  CHECK(reason_with(57, 4) == "F: its exponent's field is not as long as its modulus");
  CHECK(reason_with(61, 4) == "F: this is no ASK or ARK of 2048 or 4096 bits");
  CHECK(reason_with(61, 16) == "F: it has 832 bytes; its kind has 1600");
  CHECK(reason_with(64, 2) ==
        "F: its RSA key is none: an even or short modulus, or an even exponent");
  core::Bytes bytes = bytes_of("rsa_2048", "ark");
  bytes.push_back(0);
  CHECK(reason(bytes) == "F: it has 833 bytes; its kind has 832");
  bytes.resize(63);
  CHECK(reason(bytes) == "F: this is no ASK or ARK of 2048 or 4096 bits");
}

}  // namespace oskbc::amd_certificate_test
