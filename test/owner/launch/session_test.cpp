// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/session.h"

#include "base/status.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/fixed_random.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::session_test {

using test::hex_bytes;

namespace {

owner::TransportKeys keys_of(const nlohmann::json& vector) {
  return {test::secret(hex_bytes(vector["tek"])), test::secret(hex_bytes(vector["tik"]))};
}

void check_derived(const owner::SessionKeys& keys, const nlohmann::json& vector) {
  CHECK(tools::to_hex(keys.master.expose()) == vector["master_secret"].get<std::string>());
  CHECK(tools::to_hex(keys.kek.expose()) == vector["kek"].get<std::string>());
  CHECK(tools::to_hex(keys.kik.expose()) == vector["kik"].get<std::string>());
}

owner::LaunchBlob blob_of(const owner::SessionKeys& session, const nlohmann::json& vector) {
  return owner::make_launch_blob(session, test::hex_array<16>(vector["nonce"]),
                                 test::hex_array<16>(vector["wrap_iv"]), keys_of(vector),
                                 vector["policy"].get<std::uint32_t>());
}

}  // namespace

TEST_CASE("a session with known random bytes is the known one") {
  for (const auto& vector : test::owner_vectors("sessions.json")) {
    CAPTURE(vector["name"].get<std::string>());
    test::FixedRandom random({hex_bytes(vector["godh_private_scalar_be"]),
                              hex_bytes(vector["nonce"]), hex_bytes(vector["tek"]),
                              hex_bytes(vector["tik"]), hex_bytes(vector["wrap_iv"])});
    const owner::Session session =
        owner::make_session(test::pdh_certificate(), vector["policy"].get<std::uint32_t>(), random);
    CHECK(random.all_used());
    CHECK(tools::to_hex(session.blob) == vector["launch_blob"].get<std::string>());
    CHECK(tools::to_hex(session.godh.pdh_point().x) == vector["godh_x_be"].get<std::string>());
    CHECK(tools::to_hex(session.keys.tek.expose()) == vector["tek"].get<std::string>());
    CHECK(tools::to_hex(session.keys.tik.expose()) == vector["tik"].get<std::string>());
  }
}

TEST_CASE("every step of a session is the known one") {
  for (const auto& vector : test::owner_vectors("sessions.json")) {
    CAPTURE(vector["name"].get<std::string>());
    const auto keys = owner::derive_session_keys(hex_bytes(vector["shared_secret_z"]),
                                                 test::hex_array<16>(vector["nonce"]));
    check_derived(keys, vector);
    const std::string blob = tools::to_hex(blob_of(keys, vector));
    CHECK(blob.substr(32, 64) == vector["wrap_tk"].get<std::string>());
    CHECK(blob.substr(128, 64) == vector["wrap_mac"].get<std::string>());
    CHECK(blob.substr(192, 64) == vector["policy_mac"].get<std::string>());
  }
}

TEST_CASE("sessions from a known Z are the published ones") {
  for (const auto& vector : test::owner_vectors("session_from_z.json")) {
    const auto keys =
        owner::derive_session_keys(hex_bytes(vector["z"]), test::hex_array<16>(vector["nonce"]));
    check_derived(keys, vector);
    CHECK(tools::to_hex(blob_of(keys, vector)) == vector["launch_blob"].get<std::string>());
  }
}

TEST_CASE("each launch has keys of its own") {
  owner::SystemRandom random;
  const owner::Session a = owner::make_session(test::pdh_certificate(), 1, random);
  const owner::Session b = owner::make_session(test::pdh_certificate(), 1, random);
  CHECK(a.blob != b.blob);
  CHECK(a.godh.pdh_point() != b.godh.pdh_point());
  CHECK(tools::to_hex(a.keys.tek.expose()) != tools::to_hex(b.keys.tek.expose()));
  CHECK(tools::to_hex(a.keys.tik.expose()) != tools::to_hex(b.keys.tik.expose()));
  CHECK(tools::to_hex(a.keys.tik.expose()) != tools::to_hex(a.keys.tek.expose()));
}

TEST_CASE("no session is made with another certificate than a PDH") {
  owner::SystemRandom random;
  const auto pek = owner::SevCertificate::parse(test::certificate_bytes("pek"), "F");
  CHECK(test::status_of([&] { static_cast<void>(owner::make_session(pek, 1, random)); }) ==
        core::Status::argument);
}

TEST_CASE("a transport key has 16 bytes, raw or in base64") {
  const test::TempFolder folder;
  const core::Bytes key = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const auto read_key = [](const std::string& file) {
    return test::bytes_of(owner::read_transport_key(file, "TIK").expose());
  };
  CHECK(read_key(folder.write("raw", key)) == key);
  CHECK(read_key(folder.write("base64", core::base64::encode(key) + "\n")) == key);
  // 16 characters are a key, not base64 of 12 bytes.
  CHECK(read_key(folder.write("letters", std::string_view("AAAAAAAAAAAAAAAA"))) ==
        core::Bytes(16, 'A'));
  for (const std::size_t size : {0U, 1U, 15U, 17U, 32U, 64U}) {
    CAPTURE(size);
    const std::string file = folder.write("key", core::Bytes(size, 0xee));
    const test::Failure refused = test::failure_of([&] { static_cast<void>(read_key(file)); });
    CHECK(refused.status == core::Status::argument);
    const std::string hint = size == 32 ? "; a file of TEK and TIK is for --tk" : "";
    CHECK(refused.text == file + ": a TIK has 16 bytes, this has " + std::to_string(size) + hint);
  }
}

TEST_CASE("TEK and TIK may be in one file of 32 bytes, the TEK first") {
  const test::TempFolder folder;
  core::Bytes both(16, 0x01);
  both.insert(both.end(), 16, 0x02);
  const std::string base64 = core::base64::encode(core::ByteView(both)) + "\r\n";
  for (const std::string& file : {folder.write("raw", both), folder.write("base64", base64)}) {
    const owner::TransportKeys keys = owner::read_transport_keys(file);
    CHECK(test::bytes_of(keys.tek.expose()) == core::Bytes(16, 0x01));
    CHECK(test::bytes_of(keys.tik.expose()) == core::Bytes(16, 0x02));
  }
  for (const std::size_t size : {0U, 16U, 31U, 33U}) {
    const std::string file = folder.write("keys", core::Bytes(size, 0xee));
    const test::Failure refused =
        test::failure_of([&] { static_cast<void>(owner::read_transport_keys(file)); });
    CHECK(refused.status == core::Status::argument);
    CHECK(refused.text ==
          file + ": TEK and TIK together have 32 bytes, this has " + std::to_string(size));
  }
}

}  // namespace oskbc::session_test
