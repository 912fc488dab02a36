// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/guid.h"
#include "base/secret_bytes.h"

// The secret table that is injected into a guest's memory (README.md here; the layout is that of
// Linux' drivers/virt/coco/efi_secret/efi_secret.c): a GUID and a length, then entries of a GUID, a
// length and data. Lengths count their own header.
namespace oskbc::owner {

// The area of OVMF's AmdSev build since edk2-stable202108.
inline constexpr std::size_t kDefaultArea = 3072;
// EFI_SECRET_NUM_FILES of the module; it drops what comes after them.
inline constexpr std::size_t kMaxSecretEntries = 64;

// The data belongs to someone else.
struct SecretEntry {
  core::Guid guid;
  core::ByteView data;
};

// Whether the table's length counts the zeros at its end. simple-kbs and sevctl don't count them,
// gop-server.py does; the module reads both.
enum class TableLength { unpadded, padded };

// Builds a table, zero-padded to a multiple of 16 bytes as the firmware needs it. Throws
// Status::argument for what the module would refuse or drop, and for more than `area` bytes; the
// message then has the count of bytes per entry.
[[nodiscard]] core::SecretBytes build_secret_table(std::span<const SecretEntry> entries,
                                                   TableLength length, std::size_t area);

// How many bytes that takes for so many entries with so many bytes of data together.
[[nodiscard]] std::size_t secret_table_size(std::size_t entries, std::size_t data) noexcept;

// What the module's probe returns.
enum class ProbeResult {
  files,   // 0, a file for each entry
  enodev,  // no table in the area
  einval,  // a table that it refuses
  eexist,  // a repeated GUID
};

struct ParsedSecretTable {
  ProbeResult result = ProbeResult::files;
  const char* reason = "";  // for all results but `files`
  std::uint32_t length = 0;
  std::vector<SecretEntry> entries;  // those that become files
  std::size_t deleted = 0;           // entries with a GUID of zeros
  bool too_many = false;             // bytes were left after the last file
};

// Reads a whole secret area as the module does, be it right or wrong. Either all entries become
// files or none.
[[nodiscard]] ParsedSecretTable parse_secret_table(core::ByteView area);

// An entry's GUID by its text, or by the name of one that people meet. Throws Status::argument.
[[nodiscard]] core::Guid entry_guid(const std::string& text);

// Lays entries out as the kernel shows them: files of mode 0440, named by GUID, in
// `root`/sys/kernel/security/secrets/coco. The folder appears with all of them or not at all.
// Throws Status::argument if it is there already, unless `force`: then it is replaced, as long as
// it holds nothing but such files. Throws Status::io for all else.
void lay_out_secret_tree(std::span<const SecretEntry> entries, const std::string& root, bool force);

}  // namespace oskbc::owner
