// SPDX-License-Identifier: Apache-2.0
#include "owner/keys/secret_table.h"

#include <algorithm>
#include <list>
#include <string>
#include <vector>

#include "base/status.h"
#include "common/binary.h"
#include "common/text.h"
#include "owner/crypto/hash.h"
#include "owner/vectors.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::secret_table_test {

using core::Status;
using nlohmann::json;
using owner::build_secret_table;
using owner::ParsedSecretTable;
using owner::ProbeResult;
using owner::SecretEntry;
using owner::TableLength;
using test::failure_of;
using test::from_base64;

namespace {

constexpr std::size_t kLargeArea = std::size_t{1} << 20;

core::Guid guid_of(const std::string& text) { return core::Guid::parse(text).value(); }

core::Guid numbered_guid(unsigned number) {
  char text[core::Guid::kTextSize + 1];
  std::snprintf(text, sizeof text, "a0000000-0000-0000-0000-%012x", number);
  return guid_of(text);
}

core::Bytes copy(const core::SecretBytes& bytes) {
  return {bytes.expose().begin(), bytes.expose().end()};
}

core::Bytes in_area(core::Bytes table, std::size_t area) {
  table.resize(area);
  return table;
}

ProbeResult expected_result(const json& expect) {
  if (expect.is_array()) return ProbeResult::files;
  if (expect == "ENODEV") return ProbeResult::enodev;
  return expect == "EEXIST" ? ProbeResult::eexist : ProbeResult::einval;
}

json files_of(const ParsedSecretTable& table) {
  json files = json::array();
  for (const SecretEntry& entry : table.entries) {
    files.push_back({{"file", entry.guid.text()}, {"len", entry.data.size()}});
  }
  return files;
}

core::Bytes keyset_table(std::string_view text, TableLength length) {
  const SecretEntry entry{core::keyset_guid(), core::as_bytes(text)};
  return copy(build_secret_table({&entry, 1}, length, kLargeArea));
}

void check_table(const core::Bytes& table, const json& expected) {
  CHECK(table.size() == expected["table_len"]);
  CHECK(tools::load_le<std::uint32_t>(table, 16) == expected["header_len_field"]);
  CHECK(tools::to_hex(owner::sha256(table)) == expected["table_sha256"].get<std::string>());
}

}  // namespace

TEST_CASE("an area is read as the kernel reads it") {
  for (const json& vector : test::owner_vectors("efi_secret_parse.json")["cases"]) {
    INFO(vector["name"]);
    const core::Bytes area = in_area(from_base64(vector["table_b64"]), vector["area_size"]);
    const ParsedSecretTable table = owner::parse_secret_table(area);
    CHECK(table.result == expected_result(vector["expect"]));
    CHECK(files_of(table) == (vector["expect"].is_array() ? vector["expect"] : json::array()));
    CHECK(std::string(table.reason).empty() == vector["expect"].is_array());
  }
}

TEST_CASE("a table with one keyset is gop-server.py's and simple-kbs's, byte for byte") {
  for (const json& vector : test::owner_vectors("secret_tables.json")["one_keyset"]) {
    if (!vector.contains("keydict")) continue;  // keys_file_test.cpp makes the thousand keys
    INFO(vector["name"]);
    std::string text = "{";
    for (const auto& [id, value] : vector["keydict"].items()) {
      text += (text.size() > 1 ? ", " : "") + json(id).dump() + ": " + value.dump();
    }
    text += "}";
    REQUIRE(tools::to_hex(owner::sha256(core::as_bytes(text))) ==
            vector["json_sha256"].get<std::string>());
    check_table(keyset_table(text, TableLength::unpadded), vector["len_excludes_padding"]);
    check_table(keyset_table(text, TableLength::padded), vector["gop_len_includes_padding"]);
  }
}

TEST_CASE("a table with several entries is sevctl's, byte for byte") {
  for (const json& vector : test::owner_vectors("secret_tables.json")["several_entries"]) {
    INFO(vector["name"]);
    std::list<core::Bytes> data;
    std::vector<SecretEntry> entries;
    for (const json& entry : vector["entries"]) {
      data.push_back(from_base64(entry["data_b64"]));
      entries.push_back({guid_of(entry["guid"]), data.back()});
    }
    CHECK(copy(build_secret_table(entries, TableLength::unpadded, owner::kDefaultArea)) ==
          from_base64(vector["table_b64"]));
  }
}

TEST_CASE(
    "a table as an SVSM writes it for an SNP guest is read, and is ours but for its padding") {
  for (const json& vector : test::owner_vectors("secret_tables.json")["svsm"]) {
    INFO(vector["name"]);
    const core::Bytes written = from_base64(vector["table_b64"]);
    const core::Bytes area = in_area(written, vector["area_size"]);
    const ParsedSecretTable table = owner::parse_secret_table(area);
    REQUIRE(table.result == owner::ProbeResult::files);
    REQUIRE(table.entries.size() == 1);
    CHECK(table.length == written.size());
    const json& entry = vector["entries"][0];
    const core::Bytes data = from_base64(entry["data_b64"]);
    CHECK(table.entries[0].guid == guid_of(entry["guid"]));
    CHECK(std::ranges::equal(table.entries[0].data, data));
    const SecretEntry ours{guid_of(entry["guid"]), data};
    core::Bytes built =
        copy(build_secret_table({&ours, 1}, TableLength::unpadded, vector["area_size"]));
    REQUIRE(built.size() % 16 == 0);
    built.resize(written.size());
    CHECK(built == written);
  }
}

TEST_CASE("the kernel reads what is built, in both styles of length") {
  std::vector<SecretEntry> entries;
  for (unsigned i = 0; i < owner::kMaxSecretEntries; ++i) {
    entries.push_back({numbered_guid(i), core::as_bytes("0123456789").first(i % 11)});
  }
  for (const TableLength length : {TableLength::unpadded, TableLength::padded}) {
    const core::Bytes area = in_area(copy(build_secret_table(entries, length, 3072)), 3072);
    const ParsedSecretTable table = owner::parse_secret_table(area);
    REQUIRE(table.entries.size() == entries.size());
    CHECK_FALSE(table.too_many);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      CHECK(table.entries[i].guid == entries[i].guid);
      CHECK(std::ranges::equal(table.entries[i].data, entries[i].data));
    }
  }
}

TEST_CASE("what the kernel would refuse or drop is not built") {
  const auto build = [](std::vector<SecretEntry> entries) {
    const auto failure = failure_of(
        [&] { static_cast<void>(build_secret_table(entries, TableLength::unpadded, kLargeArea)); });
    CHECK(failure.status == Status::argument);
    return failure.text;
  };
  const SecretEntry entry{numbered_guid(1), {}};
  CHECK(build({entry, entry}) ==
        "entry 2 repeats a0000000-0000-0000-0000-000000000001; the kernel would "
        "refuse the whole table");
  CHECK(build({{guid_of("00000000-0000-0000-0000-000000000000"), {}}}) ==
        "entry 1 has a GUID of zeros, which marks a deleted entry");
  std::vector<SecretEntry> many;
  for (unsigned i = 0; i < 65; ++i) many.push_back({numbered_guid(i), {}});
  CHECK(build(many) == "the table would have 65 entries; the kernel drops all after 64");
}

TEST_CASE("a table has to fit its area, and the message counts each entry") {
  const core::Bytes data(3032 - 10 - 20 + 1);
  const std::vector<SecretEntry> entries = {{numbered_guid(1), core::ByteView(data).first(10)},
                                            {numbered_guid(2), data}};
  const auto build = [&](std::size_t area) {
    static_cast<void>(build_secret_table(entries, TableLength::unpadded, area));
  };
  const auto failure = failure_of([&] { build(3072); });
  CHECK(failure.status == Status::argument);
  CHECK(failure.text ==
        "the table takes 3088 bytes and the area has 3072: header 20, "
        "a0000000-0000-0000-0000-000000000002 3023, a0000000-0000-0000-0000-000000000001 30, "
        "padding 15");
  CHECK_NOTHROW(build(3088));
}

TEST_CASE("3032 bytes are the most that one entry can have in OVMF's area") {
  const core::Bytes data(3033);
  const auto build = [&](std::size_t size) {
    const SecretEntry entry{core::keyset_guid(), core::ByteView(data).first(size)};
    static_cast<void>(build_secret_table({&entry, 1}, TableLength::unpadded, owner::kDefaultArea));
  };
  CHECK_NOTHROW(build(3032));
  CHECK(test::status_of([&] { build(3033); }) == Status::argument);
}

TEST_CASE("a message about 64 entries still names the total") {
  std::vector<SecretEntry> entries;
  for (unsigned i = 0; i < owner::kMaxSecretEntries; ++i) entries.push_back({numbered_guid(i), {}});
  const auto failure = failure_of(
      [&] { static_cast<void>(build_secret_table(entries, TableLength::unpadded, 100)); });
  CHECK(
      failure.text.starts_with("the table takes 1312 bytes and the area has 100: header 20, a000"));
  CHECK(failure.text.ends_with(", and 56 smaller ones, padding 12"));
}

TEST_CASE("no cut or altered area makes the parser read beyond it") {
  const SecretEntry entry{core::keyset_guid(), core::as_bytes("data")};
  const core::Bytes table = copy(build_secret_table({&entry, 1}, TableLength::unpadded, 3072));
  for (std::size_t size = 0; size < table.size(); ++size) {
    const core::Bytes cut(table.begin(), table.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(owner::parse_secret_table(cut).result ==
          (size < 20 || size < 44 ? ProbeResult::einval : ProbeResult::files));
  }
  for (std::size_t place = 16; place < 40; ++place) {
    core::Bytes altered = table;
    altered[place] ^= 0x80;
    static_cast<void>(owner::parse_secret_table(altered));
  }
}

TEST_CASE("entries that people meet have names") {
  CHECK(owner::entry_guid("offline_sev_kbc") == core::keyset_guid());
  for (const char* name : {"online_sev_kbc", "simple-kbs", "luks-key"}) {
    CHECK_FALSE(owner::entry_guid(name).known_as().empty());
  }
  CHECK(owner::entry_guid("luks-key").text() == "736869e5-84f0-4973-92ec-06879ce3da0b");
  CHECK(owner::entry_guid("disk-password") == owner::entry_guid("luks-key"));
  CHECK(owner::entry_guid("A0000000-0000-0000-0000-000000000001") == numbered_guid(1));
  for (const char* name :
       {"", "kbs", "OFFLINE_SEV_KBC", "{a0000000-0000-0000-0000-000000000001}"}) {
    CHECK(test::status_of([&] { static_cast<void>(owner::entry_guid(name)); }) == Status::argument);
  }
}

}  // namespace oskbc::secret_table_test
