// SPDX-License-Identifier: Apache-2.0
#include "owner/ovmf.h"

#include <algorithm>
#include <string_view>

#include "base/status.h"
#include "owner/efi_guid.h"
#include "owner/packed.h"

namespace oskbc::owner {
namespace {

constexpr std::string_view kFooter = "96b582de-1fb2-45f7-baea-a366c55a082d";
constexpr std::string_view kHashesArea = "7255371f-3a3b-4b04-927b-1da6efa8d454";
constexpr std::string_view kSecretArea = "4c2eb361-7d9b-4cc3-8081-127c90d3d294";
constexpr std::string_view kEsResetBlock = "00f771de-1a7e-4fcb-890e-68c77e2fb44e";

// The reset vector's code is behind the table.
constexpr std::size_t kBehindTable = 32;
// A length and a GUID, at the end of each entry.
constexpr std::size_t kTrailerSize = sizeof(std::uint16_t) + kEfiGuidSize;

[[noreturn]] void malformed(const char* why) {
  core::fail(core::Status::argument, "the OVMF image's table of GUIDs is malformed: %s", why);
}

bool ends_with(core::ByteView bytes, std::string_view guid) {
  const EfiGuid expected = to_efi_guid(guid);
  return std::ranges::equal(bytes.last(kEfiGuidSize), expected);
}

std::size_t trailing_length(core::ByteView bytes) {
  return load_le<std::uint16_t>(bytes, bytes.size() - kTrailerSize);
}

void check_size(core::ByteView data, std::size_t size) {
  if (data.size() != size) malformed("an entry has another length than its kind has");
}

void set_area(std::optional<MemoryArea>& area, core::ByteView data) {
  check_size(data, 2 * sizeof(std::uint32_t));
  // Like QEMU, which looks from the end and stops at the first.
  if (!area) area = {load_le<std::uint32_t>(data, 0), load_le<std::uint32_t>(data, 4)};
}

void set_vector(std::optional<std::uint32_t>& vector, core::ByteView data) {
  check_size(data, sizeof(std::uint32_t));
  if (!vector) vector = load_le<std::uint32_t>(data, 0);
}

void read_entry(core::ByteView entry, OvmfTable& table) {
  const core::ByteView data = entry.first(entry.size() - kTrailerSize);
  if (ends_with(entry, kHashesArea)) set_area(table.hashes_area, data);
  if (ends_with(entry, kSecretArea)) set_area(table.secret_area, data);
  if (ends_with(entry, kEsResetBlock)) set_vector(table.es_reset_vector, data);
}

}  // namespace

OvmfTable parse_ovmf_table(core::ByteView tail) {
  OvmfTable table;
  if (tail.size() < kBehindTable + kTrailerSize) return table;
  core::ByteView rest = tail.first(tail.size() - kBehindTable);
  if (!ends_with(rest, kFooter)) return table;
  const std::size_t total = trailing_length(rest);
  if (total < kTrailerSize || total > rest.size()) malformed("its length is wrong");
  rest = rest.last(total).first(total - kTrailerSize);
  while (rest.size() >= kTrailerSize) {
    const std::size_t length = trailing_length(rest);
    if (length < kTrailerSize || length > rest.size()) malformed("an entry's length is wrong");
    read_entry(rest.last(length), table);
    rest = rest.first(rest.size() - length);
  }
  return table;
}

}  // namespace oskbc::owner
