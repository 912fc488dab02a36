// SPDX-License-Identifier: Apache-2.0
#include "host/archives.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>
#include <new>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::host {
namespace {

using namespace std::string_view_literals;
using core::ByteView;
using core::fail;
using core::Status;

struct Known {
  std::string_view magic;
  Compression compression;
};

// The kernel's own are in its lib/decompress.c.
constexpr Known kKnown[] = {
    {"\x1f\x8b"sv, {"gzip", "CONFIG_RD_GZIP", {}}},
    {"BZh"sv, {"bzip2", "CONFIG_RD_BZIP2", {}}},
    {"\x5d\x00\x00"sv, {"lzma", "CONFIG_RD_LZMA", {}}},
    {"\xfd\x37zXZ\x00\x00\x04"sv,
     {"xz with CRC64", {}, "the kernel checks CRC32 only; compress it with xz --check=crc32"}},
    {"\xfd\x37zXZ\x00\x00\x0a"sv,
     {"xz with SHA-256", {}, "the kernel checks CRC32 only; compress it with xz --check=crc32"}},
    {"\xfd\x37zXZ\x00"sv, {"xz", "CONFIG_RD_XZ", {}}},
    {"\x02\x21\x4c\x18"sv, {"lz4", "CONFIG_RD_LZ4", {}}},
    {"\x04\x22\x4d\x18"sv,
     {"lz4 in frames", {}, "the kernel reads the older format; compress it with lz4 -l"}},
    {"\x28\xb5\x2f\xfd"sv, {"zstd", "CONFIG_RD_ZSTD", {}}},
};

// The entry that ends an archive: a header of 110 bytes and its name, padded to a multiple of 4.
constexpr std::string_view kTrailer = "TRAILER!!!";
constexpr std::size_t kTrailerSize = (110 + kTrailer.size() + 1 + 3) / 4 * 4;

struct FreeArchive {
  void operator()(struct archive* archive) const { archive_read_free(archive); }
};
using Archive = std::unique_ptr<struct archive, FreeArchive>;

Archive make_archive() {
  Archive archive(archive_read_new());
  if (!archive) throw std::bad_alloc();
  return archive;
}

void open(struct archive* archive, ByteView bytes, const std::string& name) {
  if (archive_read_open_memory(archive, bytes.data(), bytes.size()) != ARCHIVE_OK) {
    fail(Status::argument, "%s is damaged: what it starts with is cut", name.c_str());
  }
}

// Not archive_read_support_filter_all(): that starts programs for what is not built in.
Archive make_unpacker() {
  Archive archive = make_archive();
  archive_read_support_filter_gzip(archive.get());
  archive_read_support_filter_bzip2(archive.get());
  archive_read_support_filter_xz(archive.get());
  archive_read_support_filter_lzma(archive.get());
  archive_read_support_filter_lz4(archive.get());
  archive_read_support_filter_zstd(archive.get());
  archive_read_support_format_raw(archive.get());
  return archive;
}

struct Block {
  ByteView bytes;
  la_int64_t offset = 0;
};

// The next block of the current entry; an empty one at its end.
Block next_block(struct archive* archive, const std::string& name) {
  const void* data = nullptr;
  std::size_t size = 0;
  Block block;
  const int result = archive_read_data_block(archive, &data, &size, &block.offset);
  if (result == ARCHIVE_EOF) return {};
  if (result != ARCHIVE_OK) {
    fail(Status::argument, "%s is damaged: its compressed data or a file in it is cut or wrong",
         name.c_str());
  }
  block.bytes = {static_cast<const std::uint8_t*>(data), size};
  return block;
}

core::Bytes read_entry(struct archive* archive, std::size_t limit, const std::string& name) {
  core::Bytes bytes;
  for (Block block = next_block(archive, name); !block.bytes.empty();
       block = next_block(archive, name)) {
    if (block.bytes.size() > limit - bytes.size()) {
      fail(Status::argument, "%s holds more than %zu bytes, far beyond what it should",
           name.c_str(), limit);
    }
    bytes.insert(bytes.end(), block.bytes.begin(), block.bytes.end());
  }
  return bytes;
}

std::string text_or_nothing(const char* text) { return text == nullptr ? "" : text; }

CpioEntry describe(struct archive_entry* entry) {
  return {.path = text_or_nothing(archive_entry_pathname(entry)),
          .link = text_or_nothing(archive_entry_symlink(entry)),
          .is_file = archive_entry_filetype(entry) == AE_IFREG,
          .size = static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_entry_size(entry)))};
}

}  // namespace

const Compression* compression_of(core::ByteView bytes) {
  for (const Known& known : kKnown) {
    if (core::as_text(bytes).starts_with(known.magic)) return &known.compression;
  }
  return nullptr;
}

Unpacked unpack(ByteView packed, std::size_t limit, const std::string& name) {
  const Archive archive = make_unpacker();
  open(archive.get(), packed, name);
  struct archive_entry* entry = nullptr;
  if (archive_read_next_header(archive.get(), &entry) != ARCHIVE_OK) {
    fail(Status::argument, "%s is damaged: its compressed data does not start right", name.c_str());
  }
  core::Bytes bytes = read_entry(archive.get(), limit, name);
  const la_int64_t consumed = archive_filter_bytes(archive.get(), -1);
  return {std::move(bytes),
          std::min(packed.size(), static_cast<std::size_t>(std::max<la_int64_t>(0, consumed)))};
}

std::size_t read_cpio(ByteView bytes, const std::string& name, const TakeEntry& take) {
  const Archive archive = make_archive();
  archive_read_support_format_cpio(archive.get());
  open(archive.get(), bytes, name);
  struct archive_entry* entry = nullptr;
  for (;;) {
    const int result = archive_read_next_header(archive.get(), &entry);
    if (result == ARCHIVE_EOF) break;
    // A warning counts as damage: libarchive has skipped what the kernel would stumble over.
    if (result != ARCHIVE_OK)
      fail(Status::argument, "%s holds a damaged cpio archive", name.c_str());
    take(describe(entry),
         [&](std::size_t limit) { return read_entry(archive.get(), limit, name); });
  }
  const auto trailer = static_cast<std::size_t>(archive_read_header_position(archive.get()));
  return std::min(bytes.size(), trailer + kTrailerSize);
}

}  // namespace oskbc::host
