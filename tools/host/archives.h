// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"

// What libarchive does for us: compressed streams and cpio, in memory and within bounds. It starts
// no program, and knows no other format here.
namespace oskbc::host {

// A way to compress an initrd, as its first bytes tell.
struct Compression {
  std::string_view name;
  // The kernel's option that it needs; empty where no kernel reads it.
  std::string_view option;
  // Why no kernel reads it.
  std::string_view mend;
};

// nullptr for what is not compressed.
[[nodiscard]] const Compression* compression_of(core::ByteView bytes);

struct Unpacked {
  core::Bytes bytes;
  std::size_t consumed = 0;  // of what was given; the rest belongs to something else
};

// Unpacks what starts with a stream of gzip, bzip2, xz, lzma, lz4 or zstd; several of one kind that
// follow one another are one. `name` is for messages. Throws Status::argument for a damaged one,
// and for more than `limit` bytes.
[[nodiscard]] Unpacked unpack(core::ByteView packed, std::size_t limit, const std::string& name);

struct CpioEntry {
  std::string path;
  std::string link;  // what a symbolic link points to
  bool is_file = false;
  std::uint64_t size = 0;
};

// Is told of each entry; a file's content can be read in the call alone.
using ReadContent = std::function<core::Bytes(std::size_t limit)>;
using TakeEntry = std::function<void(const CpioEntry&, const ReadContent&)>;

// Reads one archive in the "newc" format, the kernel's, and returns where it ends in `bytes`.
std::size_t read_cpio(core::ByteView bytes, const std::string& name, const TakeEntry& take);

}  // namespace oskbc::host
