// SPDX-License-Identifier: Apache-2.0

#include "owner/launch/ovmf.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "owner/launch/efi_guid.h"

namespace oskbc::owner {
namespace {

constexpr std::string_view kFooter = "96b582de-1fb2-45f7-baea-a366c55a082d";
constexpr std::string_view kHashesArea = "7255371f-3a3b-4b04-927b-1da6efa8d454";
constexpr std::string_view kSecretArea = "4c2eb361-7d9b-4cc3-8081-127c90d3d294";
constexpr std::string_view kEsResetBlock = "00f771de-1a7e-4fcb-890e-68c77e2fb44e";

// The reset vector's code follows the table.
constexpr std::size_t kAfterTable = 32;
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
  return tools::load_le<std::uint16_t>(bytes, bytes.size() - kTrailerSize);
}

void check_size(core::ByteView data, std::size_t size) {
  if (data.size() != size) malformed("an entry has a length that its kind does not have");
}

void set_area(std::optional<MemoryArea>& area, core::ByteView data) {
  check_size(data, 2 * sizeof(std::uint32_t));
  // Like QEMU, which looks from the end and stops at the first.
  if (!area)
    area = {tools::load_le<std::uint32_t>(data, 0), tools::load_le<std::uint32_t>(data, 4)};
}

void set_vector(std::optional<std::uint32_t>& vector, core::ByteView data) {
  check_size(data, sizeof(std::uint32_t));
  if (!vector) vector = tools::load_le<std::uint32_t>(data, 0);
}

void read_entry(core::ByteView entry, OvmfTable& table) {
  const core::ByteView data = entry.first(entry.size() - kTrailerSize);
  if (ends_with(entry, kHashesArea)) set_area(table.hashes_area, data);
  if (ends_with(entry, kSecretArea)) set_area(table.secret_area, data);
  if (ends_with(entry, kEsResetBlock)) set_vector(table.es_reset_vector, data);
}

constexpr std::size_t kEntryHeaderSize = kEfiGuidSize + sizeof(std::uint16_t);
constexpr std::size_t kEntrySize = kEntryHeaderSize + sizeof(Digest);
constexpr std::size_t kUnpaddedSize = kEntryHeaderSize + 3 * kEntrySize;
static_assert((kUnpaddedSize + 15) / 16 * 16 == kHashesTableSize);

void write_header(core::ByteSpan out, std::string_view guid, std::size_t length) {
  const EfiGuid bytes = to_efi_guid(guid);
  std::copy(bytes.begin(), bytes.end(), out.begin());
  tools::store_le(out, kEfiGuidSize, static_cast<std::uint16_t>(length));
}

void write_entry(core::ByteSpan out, std::string_view guid, const Digest& digest) {
  write_header(out, guid, kEntrySize);
  std::copy(digest.begin(), digest.end(), out.subspan(kEntryHeaderSize).begin());
}

}  // namespace

bool has_ovmf_table(core::ByteView image) {
  return image.size() >= kAfterTable + kTrailerSize &&
         ends_with(image.first(image.size() - kAfterTable), kFooter);
}

OvmfTable parse_ovmf_table(core::ByteView image) {
  OvmfTable table;
  if (!has_ovmf_table(image)) return table;
  core::ByteView rest = image.first(image.size() - kAfterTable);
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

HashesTable make_hashes_table(const KernelHashes& hashes) {
  HashesTable table{};
  const core::ByteSpan out = table;
  // The length leaves out the padding, though the padding is measured.
  write_header(out, "9438d606-4f22-4cc9-b479-a793d411fd21", kUnpaddedSize);
  const core::ByteSpan entries = out.subspan(kEntryHeaderSize);
  write_entry(entries, "97d02dd8-bd20-4c94-aa78-e7714d36ab2a", hashes.command_line);
  write_entry(entries.subspan(kEntrySize), "44baf731-3a2f-4bd7-9af1-41e29169781d", hashes.initrd);
  write_entry(entries.subspan(2 * kEntrySize), "4de79437-abd2-427f-b835-d5b172d2045b",
              hashes.kernel);
  return table;
}

}  // namespace oskbc::owner
