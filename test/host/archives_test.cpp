// SPDX-License-Identifier: Apache-2.0
#include "host/archives.h"

#include <map>
#include <string>

#include "base/error.h"
#include "base/status.h"
#include "host/pack.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::archives_test {

using core::Bytes;
using core::Status;
using host::unpack;
using test::operator+;

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

namespace {

constexpr std::size_t kRoom = 1 << 20;

std::map<std::string, std::string> read_all(const Bytes& bytes) {
  std::map<std::string, std::string> files;
  host::read_cpio(bytes, "x", [&](const host::CpioEntry& entry, const host::ReadContent& read) {
    files[entry.path] = entry.is_file ? std::string(core::as_text(read(kRoom))) : "->" + entry.link;
  });
  return files;
}

}  // namespace

TEST_CASE("what was packed comes out, of every kind") {
  const std::string content(100'000, 'x');
  for (const char* filter : {"gzip", "bzip2", "xz", "lzma", "lz4", "zstd"}) {
    INFO(filter);
    const Bytes packed = test::pack(content, filter);
    const host::Unpacked unpacked = unpack(packed, content.size(), "x");
    CHECK(core::as_text(unpacked.bytes) == content);
    CHECK(unpacked.consumed == packed.size());
  }
}

TEST_CASE("more than there is room for is refused before it is unpacked") {
  const Bytes packed = test::pack(std::string(100'000, 'x'), "gzip");
  CHECK(test::status_of([&] { static_cast<void>(unpack(packed, 99'999, "x")); }) ==
        Status::argument);
  CHECK(test::status_of([&] { static_cast<void>(unpack(packed, 0, "x")); }) == Status::argument);
}

TEST_CASE("gzip leaves what follows it") {
  const Bytes packed = test::pack("content", "gzip");
  const host::Unpacked unpacked = unpack(packed + Bytes{0, 0, '0', '7'}, kRoom, "x");
  CHECK(core::as_text(unpacked.bytes) == "content");
  CHECK(unpacked.consumed == packed.size());
}

TEST_CASE("packed data that is cut or changed is refused, and never crashes") {
  const std::string content(3000, 'x');
  for (const char* filter : {"gzip", "bzip2", "xz", "zstd"}) {
    const Bytes packed = test::pack(content, filter);
    for (std::size_t size = 1; size < packed.size(); ++size) {
      INFO(filter << " " << size);
      const Bytes cut(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
      try {
        // What is lost may be a checksum, which not every kind asks for; content may not be.
        const std::string out(core::as_text(unpack(cut, kRoom, "x").bytes));
        CHECK((out == content || out == core::as_text(cut)));
      } catch (const core::Error& error) {
        CHECK(error.status() == Status::argument);
      }
    }
  }
}

TEST_CASE("cpio has paths, contents and links, and an end") {
  const Bytes archive = test::cpio({{"a", "1"}, {"d/b", ""}, {"l", "->d/b"}, {"c", "12345"}});
  const std::map<std::string, std::string> expected = {
      {"a", "1"}, {"d/b", ""}, {"l", "->d/b"}, {"c", "12345"}};
  CHECK(read_all(archive) == expected);
  const auto ignore = [](const host::CpioEntry&, const host::ReadContent&) {};
  CHECK(host::read_cpio(archive + Bytes(1000, 'x'), "x", ignore) == archive.size());
  CHECK(host::read_cpio(archive, "x", ignore) == archive.size());
}

TEST_CASE("an archive without a file is one") {
  const Bytes archive = test::cpio({});
  CHECK(read_all(archive).empty());
}

TEST_CASE("cpio that is cut is refused") {
  const Bytes archive = test::cpio({{"a", "content"}, {"b", "more"}});
  for (std::size_t size = 0; size < archive.size() - 124; ++size) {
    INFO(size);
    const Bytes cut(archive.begin(), archive.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(test::status_of([&] { read_all(cut); }) == Status::argument);
  }
}

TEST_CASE("rubbish between two files is refused, as the kernel does") {
  Bytes archive = test::cpio({{"a", "content"}, {"b", "more"}});
  // The second header's magic.
  archive[112 + 8] = 'x';
  CHECK(test::status_of([&] { read_all(archive); }) == Status::argument);
}

}  // namespace oskbc::archives_test
