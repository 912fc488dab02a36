// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/firmware_volumes.h"

#include <lzma.h>

#include <algorithm>
#include <cstdint>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "owner/launch/efi_guid.h"

namespace oskbc::owner {
namespace {

using core::ByteView;
using core::fail;
using core::Status;
using tools::load_le;

// OVMF of 4 MB unpacks to 16. Compression makes a gigabyte of a small file.
constexpr std::size_t kUnpacked = std::size_t{128} << 20;
// Its dictionary has 16 MB.
constexpr std::uint64_t kLzmaMemory = std::uint64_t{128} << 20;
// OVMF's drivers lie in a volume of a section of a section of a file of a volume.
constexpr int kDepth = 8;

// A volume's header; its map of blocks ends with 8 zeros.
constexpr std::size_t kVolumeSystem = 16;
constexpr std::size_t kVolumeLength = 32;
constexpr std::size_t kVolumeMagic = 40;
constexpr std::size_t kVolumeHeaderLength = 48;
constexpr std::size_t kVolumeExtension = 52;
constexpr std::size_t kSmallestVolumeHeader = 64;
constexpr std::size_t kExtensionSize = kEfiGuidSize + sizeof(std::uint32_t);
constexpr std::size_t kVolumeAlignment = 8;

// A file's header: its GUID, two checksums, then these.
constexpr std::size_t kFileType = 18;
constexpr std::size_t kFileAttributes = 19;
constexpr std::size_t kFileSize = 20;
constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kLargeFileHeader = kFileHeader + sizeof(std::uint64_t);
constexpr unsigned kLargeFile = 0x01;
constexpr unsigned kRawFile = 0x01;
constexpr unsigned kPaddingFile = 0xf0;

constexpr std::size_t kSectionHeader = 4;
constexpr std::size_t kSectionAlignment = 4;
constexpr std::uint32_t kExtendedSize = 0xffffff;
constexpr unsigned kCompressedSection = 0x01;
constexpr unsigned kGuidedSection = 0x02;
constexpr unsigned kPe32Section = 0x10;
constexpr unsigned kTeSection = 0x12;
constexpr unsigned kVolumeSection = 0x17;
// After a guided section's header.
constexpr std::size_t kGuidedDataOffset = kEfiGuidSize;
constexpr std::size_t kGuidedAttributes = kEfiGuidSize + 2;
constexpr std::size_t kGuidedHeader = kEfiGuidSize + 4;
constexpr unsigned kProcessingRequired = 0x01;
// After a compressed section's header: the unpacked size and how, 0 for not at all.
constexpr std::size_t kCompressionType = 4;
constexpr std::size_t kCompressionHeader = 5;

// The properties and the unpacked size.
constexpr std::size_t kLzmaSizeOffset = 5;
constexpr std::size_t kLzmaHeader = kLzmaSizeOffset + sizeof(std::uint64_t);

std::size_t aligned(std::size_t offset, std::size_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

std::uint32_t load_u24(ByteView bytes, std::size_t offset) {
  return load_le<std::uint16_t>(bytes, offset) | std::uint32_t{bytes[offset + 2]} << 16;
}

bool is_volume_header(ByteView bytes) {
  if (bytes.size() < kSmallestVolumeHeader) return false;
  if (core::as_text(bytes).substr(kVolumeMagic, 4) != "_FVH") return false;
  const std::size_t length = load_le<std::uint16_t>(bytes, kVolumeHeaderLength);
  if (length < kSmallestVolumeHeader || length % 2 != 0 || length > bytes.size()) return false;
  std::uint16_t sum = 0;
  for (std::size_t i = 0; i < length; i += 2) {
    sum = static_cast<std::uint16_t>(sum + load_le<std::uint16_t>(bytes, i));
  }
  return sum == 0;
}

struct LzmaStream {
  LzmaStream() = default;
  LzmaStream(const LzmaStream&) = delete;
  LzmaStream& operator=(const LzmaStream&) = delete;
  ~LzmaStream() { lzma_end(&stream); }
  lzma_stream stream = LZMA_STREAM_INIT;
};

class Reader {
 public:
  Reader(const std::string& name, const VolumeVisitor& visitor) : name_(name), visitor_(visitor) {}

  // Volumes follow one another, and there may be something else between them.
  Volumes read(ByteView image) {
    while (image.size() >= kVolumeAlignment) {
      const bool is_volume = is_volume_header(image);
      if (is_volume) ++found_.count;
      image = image.subspan(is_volume ? read_volume(image, 0) : kVolumeAlignment);
    }
    return found_;
  }

 private:
  [[noreturn]] void damaged(const char* why) const {
    fail(Status::argument, "%s is damaged: %s", name_.c_str(), why);
  }

  // Returns the volume's length.
  std::size_t read_volume(ByteView bytes, int depth) {
    const auto length = load_le<std::uint64_t>(bytes, kVolumeLength);
    std::size_t start = load_le<std::uint16_t>(bytes, kVolumeHeaderLength);
    if (length < start) damaged("a volume is shorter than its header");
    if (length > bytes.size()) damaged("a volume of its is cut");
    const ByteView volume = bytes.first(static_cast<std::size_t>(length));
    const ByteView system = volume.subspan(kVolumeSystem, kEfiGuidSize);
    if (is(system, variables_)) found_.variables = true;
    if (!is(system, files_) && !is(system, large_files_)) return volume.size();
    const std::size_t extension = load_le<std::uint16_t>(volume, kVolumeExtension);
    if (extension != 0) start = end_of_extension(volume, extension);
    found_.files = true;
    read_files(volume, start, depth);
    return volume.size();
  }

  [[nodiscard]] std::size_t end_of_extension(ByteView volume, std::size_t offset) const {
    if (offset > volume.size() || volume.size() - offset < kExtensionSize) {
      damaged("a volume's second header is cut");
    }
    const std::size_t size = load_le<std::uint32_t>(volume, offset + kEfiGuidSize);
    if (size > volume.size() - offset) damaged("a volume's second header is cut");
    return offset + size;
  }

  void read_files(ByteView volume, std::size_t offset, int depth) {
    for (;;) {
      offset = aligned(offset, kVolumeAlignment);
      if (offset > volume.size() || volume.size() - offset < kFileHeader) return;
      const ByteView rest = volume.subspan(offset);
      // What was never written.
      if (std::ranges::all_of(rest.first(kFileHeader), [](auto byte) { return byte == 0xff; })) {
        return;
      }
      offset += read_file(rest, depth);
    }
  }

  // Returns the file's size.
  std::size_t read_file(ByteView bytes, int depth) {
    std::uint64_t size = load_u24(bytes, kFileSize);
    std::size_t header = kFileHeader;
    if ((bytes[kFileAttributes] & kLargeFile) != 0) {
      header = kLargeFileHeader;
      if (bytes.size() < header) damaged("a file's header is cut");
      size = load_le<std::uint64_t>(bytes, kFileHeader);
    }
    if (size < header || size > bytes.size()) damaged("a file's size is wrong");
    const ByteView file = bytes.first(static_cast<std::size_t>(size));
    visitor_.file(file.first(kEfiGuidSize));
    const unsigned type = file[kFileType];
    if (type != kRawFile && type != kPaddingFile) read_sections(file.subspan(header), depth);
    return file.size();
  }

  void read_sections(ByteView bytes, int depth) {
    if (depth == kDepth) damaged("its sections are nested too deep");
    while (bytes.size() >= kSectionHeader) {
      std::size_t size = load_u24(bytes, 0);
      std::size_t header = kSectionHeader;
      if (size == kExtendedSize) {
        header += sizeof(std::uint32_t);
        if (bytes.size() < header) damaged("a section's header is cut");
        size = load_le<std::uint32_t>(bytes, kSectionHeader);
      }
      if (size < header || size > bytes.size()) damaged("a section's size is wrong");
      read_section(bytes.first(size), header, depth + 1);
      bytes = bytes.subspan(std::min(aligned(size, kSectionAlignment), bytes.size()));
    }
  }

  void read_section(ByteView section, std::size_t header, int depth) {
    const ByteView body = section.subspan(header);
    switch (section[3]) {
      case kGuidedSection:
        return read_guided(section, header, depth);
      case kCompressedSection:
        return read_compressed(body, depth);
      case kVolumeSection:
        if (!is_volume_header(body)) damaged("a section holds no volume, as it should");
        read_volume(body, depth);
        return;
      case kPe32Section:
      case kTeSection:
        return visitor_.program(body);
      default:
        return;
    }
  }

  void read_guided(ByteView section, std::size_t header, int depth) {
    const ByteView body = section.subspan(header);
    if (body.size() < kGuidedHeader) damaged("a section's header is cut");
    const std::size_t data = load_le<std::uint16_t>(body, kGuidedDataOffset);
    if (data < header + kGuidedHeader || data > section.size()) {
      damaged("a section's data starts outside of it");
    }
    if (is(body.first(kEfiGuidSize), lzma_)) {
      return read_sections(unpack(section.subspan(data)), depth);
    }
    // A checksum or a signature stands before what can be read as it is.
    const bool readable = (body[kGuidedAttributes] & kProcessingRequired) == 0;
    if (readable) return read_sections(section.subspan(data), depth);
    ++found_.unread_sections;
  }

  void read_compressed(ByteView body, int depth) {
    if (body.size() < kCompressionHeader) damaged("a section's header is cut");
    if (body[kCompressionType] == 0) return read_sections(body.subspan(kCompressionHeader), depth);
    ++found_.unread_sections;
  }

  core::Bytes unpack(ByteView packed) {
    if (packed.size() < kLzmaHeader) damaged("a compressed section is cut");
    const auto size = load_le<std::uint64_t>(packed, kLzmaSizeOffset);
    if (size > room_) {
      fail(Status::argument, "%s unpacks to more than %zu bytes, far beyond what firmware has",
           name_.c_str(), kUnpacked);
    }
    room_ -= static_cast<std::size_t>(size);
    LzmaStream lzma;
    if (lzma_alone_decoder(&lzma.stream, kLzmaMemory) != LZMA_OK) {
      fail(Status::no_memory, "there is no memory to unpack %s", name_.c_str());
    }
    lzma.stream.next_in = packed.data();
    lzma.stream.avail_in = packed.size();
    return run(lzma.stream, static_cast<std::size_t>(size));
  }

  // Grows with what really comes, because a size costs nothing to write.
  core::Bytes run(lzma_stream& stream, std::size_t size) const {
    constexpr std::size_t kFirst = std::size_t{1} << 20;
    core::Bytes out;
    while (out.size() < size) {
      const std::size_t used = out.size();
      out.resize(std::min(size, std::max(kFirst, 2 * used)));
      stream.next_out = out.data() + used;
      stream.avail_out = out.size() - used;
      const lzma_ret result = lzma_code(&stream, LZMA_FINISH);
      if ((result != LZMA_OK && result != LZMA_STREAM_END) || stream.avail_out != 0) {
        damaged("its compressed data is cut or wrong");
      }
    }
    return out;
  }

  static bool is(ByteView bytes, const EfiGuid& guid) { return std::ranges::equal(bytes, guid); }

  const EfiGuid files_ = to_efi_guid("8c8ce578-8a3d-4f1c-9935-896185c32dd3");
  const EfiGuid large_files_ = to_efi_guid("5473c07a-3dcb-4dca-bd6f-1e9689e7349a");
  const EfiGuid variables_ = to_efi_guid("fff12b8d-7696-4c8b-a985-2747075b4f50");
  const EfiGuid lzma_ = to_efi_guid("ee4e5898-3914-4259-9d6e-dc7bd79403cf");
  const std::string& name_;
  const VolumeVisitor& visitor_;
  std::size_t room_ = kUnpacked;
  Volumes found_;
};

}  // namespace

Volumes read_volumes(ByteView image, const std::string& name, const VolumeVisitor& visitor) {
  return Reader(name, visitor).read(image);
}

}  // namespace oskbc::owner
