// SPDX-License-Identifier: Apache-2.0
#include "host/compression.h"

#include "host/pack.h"
#include "support/catch.h"

using namespace oskbc;

TEST_CASE("a compression is told by its first bytes, with the kernel's option for it") {
  const struct {
    const char* filter;
    std::string_view option;
  } kinds[] = {{"gzip", "CONFIG_RD_GZIP"},
               {"bzip2", "CONFIG_RD_BZIP2"},
               {"lzma", "CONFIG_RD_LZMA"},
               {"zstd", "CONFIG_RD_ZSTD"}};
  for (const auto& kind : kinds) {
    INFO(kind.filter);
    const core::Bytes packed = test::pack("content", kind.filter);
    const host::Compression* compression = host::compression_of(packed);
    REQUIRE(compression != nullptr);
    CHECK(compression->option == kind.option);
  }
}

TEST_CASE("what no kernel reads has a way out instead of an option") {
  for (const char* filter : {"xz", "lz4"}) {
    INFO(filter);
    // libarchive writes xz with CRC64, and lz4 in frames.
    const core::Bytes packed = test::pack("content", filter);
    const host::Compression* compression = host::compression_of(packed);
    REQUIRE(compression != nullptr);
    CHECK(compression->option.empty());
    CHECK_FALSE(compression->mend.empty());
  }
  const core::Bytes crc32 = {0xfd, '7', 'z', 'X', 'Z', 0, 0, 1};
  CHECK(host::compression_of(crc32)->option == "CONFIG_RD_XZ");
  const core::Bytes legacy = {0x02, 0x21, 0x4c, 0x18};
  CHECK(host::compression_of(legacy)->option == "CONFIG_RD_LZ4");
}

TEST_CASE("all else is not compressed") {
  CHECK(host::compression_of({}) == nullptr);
  CHECK(host::compression_of(core::as_bytes("070701")) == nullptr);
  CHECK(host::compression_of(core::Bytes{0x1f}) == nullptr);
}
