// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/launch_secret.h"

#include <cstdio>
#include <string>

#include "base/status.h"
#include "common/binary.h"
#include "format/base64.h"
#include "owner/crypto/hash.h"
#include "owner/launch/efi_guid.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/fixed_random.h"
#include "unit/failure.h"

namespace oskbc::launch_secret_test {

using test::hex_bytes;

namespace {

owner::TransportKeys keys_of(const nlohmann::json& vector) {
  return {test::secret(hex_bytes(vector["tek"])), test::secret(hex_bytes(vector["tik"]))};
}

owner::LaunchSecret seal(const nlohmann::json& vector, const core::Bytes& table) {
  test::FixedRandom random({hex_bytes(vector["iv"])});
  return owner::seal_launch_secret(table, keys_of(vector), test::hex_array<32>(vector["measure"]),
                                   random);
}

void append(core::Bytes& bytes, core::ByteView more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

// The bundle that is too long for the vectors, by its recipe.
std::string thousand_keys() {
  std::string json = "{";
  for (int i = 0; i < 1000; ++i) {
    char id[16];
    std::snprintf(id, sizeof id, "key_id%04d", i);
    const auto key = owner::sha256(core::as_bytes("sevcrypto key " + std::to_string(i)));
    json.append(i == 0 ? "\"" : ", \"").append(id).append("\": \"");
    json.append(core::base64::encode(core::ByteView(key))).append("\"");
  }
  return json + "}";
}

core::Bytes table_of(const nlohmann::json& vector, std::uint32_t length) {
  core::Bytes json;
  if (vector.contains("json_b64")) {
    json = test::from_base64(vector["json_b64"]);
  } else {
    append(json, core::as_bytes(thousand_keys()));
  }
  CHECK(tools::to_hex(owner::sha256(json)) == vector["json_sha256"].get<std::string>());
  core::Bytes table;
  append(table, owner::to_efi_guid(vector["table_guid"].get<std::string>()));
  append(table, tools::le_bytes(length));
  append(table, owner::to_efi_guid(vector["entry_guid"].get<std::string>()));
  append(table, tools::le_bytes(static_cast<std::uint32_t>(20 + json.size())));
  append(table, json);
  table.resize((table.size() + 15) / 16 * 16);
  return table;
}

core::Status size_status(std::size_t size) {
  return test::status_of([&] { owner::check_launch_secret_size(size); });
}

}  // namespace

TEST_CASE("packets of one bundle are the known ones, in both styles of tables") {
  for (const auto& vector : test::owner_vectors("launch_secrets_single_bundle.json")) {
    for (const char* style : {"gop_len_includes_padding", "len_excludes_padding"}) {
      CAPTURE(vector["name"].get<std::string>(), style);
      const auto& expected = vector[style];
      const core::Bytes table = table_of(vector, expected["header_len_field"].get<std::uint32_t>());
      CHECK(table.size() == expected["table_len"]);
      CHECK(tools::to_hex(owner::sha256(table)) == expected["table_sha256"].get<std::string>());
      const owner::LaunchSecret secret = seal(vector, table);
      CHECK(tools::to_hex(secret.header) == expected["packet_header"].get<std::string>());
      CHECK(tools::to_hex(owner::sha256(secret.data)) ==
            expected["ciphertext_sha256"].get<std::string>());
      CHECK((size_status(table.size()) == core::Status::ok) == expected["fits_firmware_16KiB"]);
    }
  }
}

TEST_CASE("packets of several entries are the known ones") {
  for (const auto& vector : test::owner_vectors("launch_secrets_multi_entry.json")) {
    CAPTURE(vector["name"].get<std::string>());
    const owner::LaunchSecret secret = seal(vector, test::from_base64(vector["table_b64"]));
    CHECK(core::base64::encode(core::ByteView(secret.header)) ==
          vector["packet_header_b64"].get<std::string>());
    CHECK(core::base64::encode(core::ByteView(secret.data)) ==
          vector["ciphertext_b64"].get<std::string>());
  }
}

TEST_CASE("firmware before API 0.17 has no measurement in the MAC") {
  const auto vector = test::owner_vectors("launch_secrets_multi_entry.json")[0];
  const core::Bytes table = test::from_base64(vector["table_b64"]);
  test::FixedRandom random({hex_bytes(vector["iv"])});
  const auto secret = owner::seal_launch_secret(table, keys_of(vector), std::nullopt, random);
  core::Bytes data = {1, 0, 0, 0, 0};
  append(data, hex_bytes(vector["iv"]));
  append(data, tools::le_bytes(std::uint32_t{64}));
  append(data, tools::le_bytes(std::uint32_t{64}));
  append(data, secret.data);
  const auto mac = owner::hmac_sha256(hex_bytes(vector["tik"]), {data});
  CHECK(test::bytes_of(core::ByteView(secret.header).subspan(20)) == test::bytes_of(mac));
}

TEST_CASE("two packets of one table have nothing in common") {
  owner::SystemRandom random;
  const owner::TransportKeys keys{test::secret(core::Bytes(16, 1)),
                                  test::secret(core::Bytes(16, 2))};
  const auto a = owner::seal_launch_secret(core::Bytes(32), keys, owner::Mac{}, random);
  const auto b = owner::seal_launch_secret(core::Bytes(32), keys, owner::Mac{}, random);
  CHECK(a.header != b.header);
  CHECK(a.data != b.data);
}

TEST_CASE("the firmware takes whole blocks, up to 16 KiB") {
  CHECK(size_status(16) == core::Status::ok);
  CHECK(size_status(16384) == core::Status::ok);
  for (const std::size_t size : {0U, 1U, 15U, 17U, 16383U, 16385U, 16400U, 62048U}) {
    CAPTURE(size);
    CHECK(size_status(size) == core::Status::argument);
  }
}

TEST_CASE("QEMU's command has header and data, and the address if there is one") {
  owner::LaunchSecret secret;
  secret.header[0] = 0xff;
  secret.data = {1, 2, 3};
  const std::string header = core::base64::encode(core::ByteView(secret.header));
  CHECK(owner::qmp_inject_command(secret, std::nullopt).line() ==
        R"({"execute":"sev-inject-launch-secret","arguments":{"packet-header":")" + header +
            R"(","secret":"AQID"}})");
  const auto command =
      nlohmann::json::parse(owner::qmp_inject_command(secret, 0xffffffffffffffff).line());
  CHECK(command["arguments"]["gpa"] == 0xffffffffffffffff);
}

}  // namespace oskbc::launch_secret_test
