// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/measurement.h"

#include <string>

#include "base/status.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::measurement_test {

using owner::Digest;
using owner::Firmware;

namespace {

Firmware firmware_of(const nlohmann::json& vector) {
  return {vector["api_major"].get<std::uint8_t>(), vector["api_minor"].get<std::uint8_t>(),
          vector["build_id"].get<std::uint8_t>()};
}

owner::Mac measure(const nlohmann::json& vector) {
  return owner::measure_launch(
      test::hex_bytes(vector["tik"]), firmware_of(vector), vector["policy"].get<std::uint32_t>(),
      test::hex_array<32>(vector["launch_digest"]), test::hex_array<16>(vector["mnonce"]));
}

test::Failure failure(const std::string& text) {
  return test::failure_of([&] { static_cast<void>(owner::parse_launch_measurement(text)); });
}

}  // namespace

TEST_CASE("measurements are the platform's") {
  for (const auto& vector : test::owner_vectors("measurements.json")) {
    const owner::Mac mac = measure(vector);
    CHECK(tools::to_hex(mac) == vector["measure"].get<std::string>());
    CHECK(owner::encode_launch_measurement(mac, test::hex_array<16>(vector["mnonce"])) ==
          vector["launch_measure_blob_b64"].get<std::string>());
  }
}

TEST_CASE("the launches of the secrets' vectors measure as they say") {
  for (const auto& vector : test::owner_vectors("launch_secrets_single_bundle.json")) {
    CAPTURE(vector["name"].get<std::string>());
    CHECK(tools::to_hex(measure(vector)) == vector["measure"].get<std::string>());
  }
}

TEST_CASE("firmware before API 0.17 measures without its version") {
  CHECK_FALSE(owner::has_full_measurement({0, 16, 255}));
  CHECK(owner::has_full_measurement({0, 17, 0}));
  CHECK(owner::has_full_measurement({1, 0, 0}));
  const core::Bytes tik(16, 1);
  const core::Bytes policy = {0x01, 0x02, 0x03, 0x04};
  const Digest digest{0xdd};
  const owner::Nonce mnonce{0xaa};
  const auto expected = owner::hmac_sha256(tik, {policy, digest, mnonce});
  CHECK(owner::measure_launch(tik, {0, 16, 1}, 0x04030201, digest, mnonce) == expected);
  CHECK(owner::measure_launch(tik, {0, 3, 2}, 0x04030201, digest, mnonce) == expected);
  CHECK(owner::measure_launch(tik, {0, 17, 1}, 0x04030201, digest, mnonce) != expected);
}

TEST_CASE("the digest that was measured is found among those that may be") {
  const auto vector = test::owner_vectors("measurements.json")[0];
  const auto digest = test::hex_array<32>(vector["launch_digest"]);
  const auto find = [&](std::vector<Digest> digests, const owner::Mac& mac) {
    return owner::find_measured(test::hex_bytes(vector["tik"]), firmware_of(vector), 0, digests,
                                test::hex_array<16>(vector["mnonce"]), mac);
  };
  owner::Mac mac = test::hex_array<32>(vector["measure"]);
  CHECK(find({digest}, mac) == digest);
  CHECK(find({Digest{1}, digest, Digest{2}}, mac) == digest);
  CHECK_FALSE(find({Digest{1}, Digest{2}}, mac));
  CHECK_FALSE(find({}, mac));
  for (std::size_t i = 0; i < mac.size(); ++i) {
    mac[i] ^= 1;
    CHECK_FALSE(find({digest}, mac));
    mac[i] ^= 1;
  }
}

TEST_CASE("a measurement is read from QEMU's base64 and from hexadecimal") {
  for (const auto& vector : test::owner_vectors("measurements.json")) {
    const std::string base64 = vector["launch_measure_blob_b64"];
    const std::string hex = vector["measure"];
    const std::string both = hex + vector["mnonce"].get<std::string>();
    const auto measure = test::hex_array<32>(vector["measure"]);
    const auto mnonce = test::hex_array<16>(vector["mnonce"]);
    for (const std::string& text : {base64, " " + base64 + "\r\n", both}) {
      CHECK(owner::parse_launch_measurement(text).measure == measure);
      CHECK(owner::parse_launch_measurement(text).mnonce == mnonce);
    }
    CHECK(owner::parse_launch_measurement(hex + "\n").measure == measure);
    CHECK_FALSE(owner::parse_launch_measurement(hex).mnonce);
  }
}

TEST_CASE("a measurement of another length or form is refused") {
  const std::string base64(64, 'A');
  for (const std::string& text :
       {std::string(), std::string("MARKER"), base64 + "AAAA", base64.substr(4), base64.substr(1),
        std::string(62, 'a'), std::string(66, 'a'), std::string(94, 'a'), std::string(98, 'a'),
        std::string(43, 'A') + "=", base64.substr(0, 32) + "\n" + base64.substr(32)}) {
    CAPTURE(text);
    CHECK(failure(text).status == core::Status::argument);
  }
}

}  // namespace oskbc::measurement_test
