// SPDX-License-Identifier: Apache-2.0
#include "host/compression.h"

namespace oskbc::host {
namespace {

using namespace std::string_view_literals;

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

}  // namespace

const Compression* compression_of(core::ByteView bytes) {
  for (const Known& known : kKnown) {
    if (core::as_text(bytes).starts_with(known.magic)) return &known.compression;
  }
  return nullptr;
}

}  // namespace oskbc::host
