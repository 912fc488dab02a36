// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/ovmf.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/status.h"
#include "common/binary.h"
#include "common/text.h"
#include "owner/launch/efi_guid.h"
#include "owner/vectors.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::ovmf_test {

using core::Bytes;
using core::Status;
using owner::OvmfTable;
using owner::parse_ovmf_table;

namespace {

constexpr std::string_view kHashes = "7255371f-3a3b-4b04-927b-1da6efa8d454";
constexpr std::string_view kEsReset = "00f771de-1a7e-4fcb-890e-68c77e2fb44e";
constexpr std::string_view kUnknown = "a0000000-0000-0000-0000-000000000001";
constexpr std::string_view kFooter = "96b582de-1fb2-45f7-baea-a366c55a082d";

Bytes entry(std::string_view guid, const Bytes& data, std::size_t length) {
  Bytes bytes = data;
  bytes.resize(data.size() + 2);
  tools::store_le(bytes, data.size(), static_cast<std::uint16_t>(length));
  const owner::EfiGuid end = owner::to_efi_guid(guid);
  bytes.insert(bytes.end(), end.begin(), end.end());
  return bytes;
}

Bytes entry(std::string_view guid, const Bytes& data) {
  return entry(guid, data, data.size() + 18);
}

Bytes image(const Bytes& entries, std::size_t length) {
  Bytes bytes = entries;
  const Bytes footer = entry(kFooter, {}, length);
  bytes.insert(bytes.end(), footer.begin(), footer.end());
  bytes.resize(bytes.size() + 32);
  return bytes;
}

Bytes image(const Bytes& entries) { return image(entries, entries.size() + 18); }

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

bool is_malformed(const Bytes& tail) {
  return test::status_of([&] { static_cast<void>(parse_ovmf_table(tail)); }) == Status::argument;
}

bool is_empty(const OvmfTable& table) {
  return !table.hashes_area && !table.secret_area && !table.es_reset_vector;
}

core::Bytes pattern(std::size_t size, unsigned factor, unsigned offset) {
  core::Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(factor * i + offset);
  return bytes;
}

}  // namespace

TEST_CASE("an AmdSev image says where its areas are") {
  const auto vectors = test::owner_vectors("launch_digests.json");
  const OvmfTable table =
      parse_ovmf_table(test::from_base64(vectors["ovmf_b64"]["with_hash_table"]));
  CHECK(table.hashes_area.value().base == 0x810c00);
  CHECK(table.hashes_area.value().size == 0x400);
  CHECK(table.secret_area.value().base == 0x810000);
  CHECK(table.secret_area.value().size == 0xc00);
  CHECK(table.es_reset_vector == 0x0080b004);
}

TEST_CASE("an image without an entry, or without a table, has none") {
  const auto images = test::owner_vectors("launch_digests.json")["ovmf_b64"];
  const OvmfTable table = parse_ovmf_table(test::from_base64(images["without_hash_entry"]));
  CHECK_FALSE(table.hashes_area);
  CHECK(table.secret_area);
  CHECK(is_empty(parse_ovmf_table(test::from_base64(images["no_footer"]))));
  CHECK(is_empty(parse_ovmf_table({})));
  CHECK(is_empty(parse_ovmf_table(Bytes(49))));
  CHECK(is_empty(parse_ovmf_table(image({}))));
}

TEST_CASE("entries of other kinds are passed over, and of two the last is taken, as QEMU does") {
  const Bytes first = {1, 0, 0, 0};
  const Bytes last = {2, 0, 0, 0};
  const Bytes entries =
      entry(kEsReset, first) + entry(kEsReset, last) + entry(kUnknown, Bytes(100));
  CHECK(parse_ovmf_table(image(entries)).es_reset_vector == 2);
}

TEST_CASE("lengths that lead out of the table are refused") {
  const Bytes good = entry(kEsReset, Bytes(4));
  CHECK(is_malformed(image(good, 17)));
  CHECK(is_malformed(image(good, 0)));
  CHECK(is_malformed(image(good, good.size() + 19)));
  CHECK(is_malformed(image(good, 0xffff)));
  for (const std::size_t length : {0U, 1U, 17U, 23U, 0xffffU}) {
    INFO(length);
    CHECK(is_malformed(image(entry(kUnknown, Bytes(4), length))));
  }
}

TEST_CASE("an entry has the length of its kind") {
  for (const std::size_t size : {0U, 3U, 5U})
    CHECK(is_malformed(image(entry(kEsReset, Bytes(size)))));
  for (const std::size_t size : {0U, 4U, 7U, 9U})
    CHECK(is_malformed(image(entry(kHashes, Bytes(size)))));
}

TEST_CASE("no cut image is read beyond its start") {
  const Bytes whole = image(entry(kHashes, Bytes(8)) + entry(kEsReset, Bytes(4)));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const core::ByteView tail = core::ByteView(whole).last(size);
    if (size < 50) {
      CHECK(is_empty(parse_ovmf_table(tail)));
    } else {
      CHECK(is_malformed({tail.begin(), tail.end()}));
    }
  }
}

TEST_CASE("the table is the one that QEMU makes of a kernel, an initrd and a command line") {
  const auto vectors = test::owner_vectors("launch_digests.json");
  const std::string append = vectors["cases"][1]["append_text"];
  const owner::KernelHashes hashes = {
      .command_line = owner::sha256(core::as_bytes({append.c_str(), append.size() + 1})),
      .initrd = owner::sha256(pattern(3333, 13, 11)),
      .kernel = owner::sha256(pattern(5000, 17, 3))};
  CHECK(tools::to_hex(hashes.kernel) == vectors["file_sha256"]["kernel"].get<std::string>());
  CHECK(tools::to_hex(hashes.initrd) == vectors["file_sha256"]["initrd"].get<std::string>());
  CHECK(std::ranges::equal(owner::make_hashes_table(hashes),
                           test::from_base64(vectors["hashes_table_full_b64"])));
}

}  // namespace oskbc::ovmf_test
