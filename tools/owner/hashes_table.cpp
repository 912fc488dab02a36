// SPDX-License-Identifier: Apache-2.0
#include "owner/hashes_table.h"

#include <algorithm>
#include <string_view>

#include "owner/efi_guid.h"
#include "owner/packed.h"

namespace oskbc::owner {
namespace {

constexpr std::size_t kHeaderSize = kEfiGuidSize + sizeof(std::uint16_t);
constexpr std::size_t kEntrySize = kHeaderSize + sizeof(Digest);
constexpr std::size_t kUnpaddedSize = kHeaderSize + 3 * kEntrySize;
static_assert((kUnpaddedSize + 15) / 16 * 16 == kHashesTableSize);

void write_header(core::ByteSpan place, std::string_view guid, std::size_t length) {
  const EfiGuid bytes = to_efi_guid(guid);
  std::copy(bytes.begin(), bytes.end(), place.begin());
  store_le(place, kEfiGuidSize, static_cast<std::uint16_t>(length));
}

void write_entry(core::ByteSpan place, std::string_view guid, const Digest& digest) {
  write_header(place, guid, kEntrySize);
  std::copy(digest.begin(), digest.end(), place.subspan(kHeaderSize).begin());
}

}  // namespace

HashesTable make_hashes_table(const KernelHashes& hashes) {
  HashesTable table{};
  const core::ByteSpan out = table;
  // The length leaves out the padding, though the padding is measured.
  write_header(out, "9438d606-4f22-4cc9-b479-a793d411fd21", kUnpaddedSize);
  const core::ByteSpan entries = out.subspan(kHeaderSize);
  write_entry(entries, "97d02dd8-bd20-4c94-aa78-e7714d36ab2a", hashes.command_line);
  write_entry(entries.subspan(kEntrySize), "44baf731-3a2f-4bd7-9af1-41e29169781d", hashes.initrd);
  write_entry(entries.subspan(2 * kEntrySize), "4de79437-abd2-427f-b835-d5b172d2045b",
              hashes.kernel);
  return table;
}

}  // namespace oskbc::owner
