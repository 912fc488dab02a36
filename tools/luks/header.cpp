// SPDX-License-Identifier: Apache-2.0
#include "luks/header.h"

#include <algorithm>
#include <string_view>

#include "common/error.h"
#include "luks/checksum.h"
#include "luks/metadata.h"

namespace oskbc::luks {
namespace {

using core::as_text;
using core::ByteView;
using tools::refuse;

constexpr std::string_view kFirstMagic("LUKS\xba\xbe", 6);
constexpr std::string_view kSecondMagic("SKUL\xba\xbe", 6);
constexpr std::uint64_t kVersion = 2;
// The sizes of a copy are 16 KiB and its doubles.
constexpr std::uint64_t kSmallest = std::uint64_t{16} << 10;
constexpr std::uint64_t kLargest = std::uint64_t{4} << 20;

// The binary part's fields.
constexpr std::size_t kVersionAt = 6;
constexpr std::size_t kSizeAt = 8;
constexpr std::size_t kSequenceAt = 16;
constexpr std::size_t kChecksumNameAt = 72;
constexpr std::size_t kUuidAt = 168;
constexpr std::size_t kOffsetAt = 256;
constexpr std::size_t kChecksumAt = 448;
constexpr std::size_t kChecksumRoom = 64;

std::uint64_t load_be(ByteView bytes, std::size_t offset, std::size_t size) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes.subspan(offset, size)) value = value << 8 | byte;
  return value;
}

// A text that a NUL ends, in a field that has nothing after it.
std::string_view text_at(ByteView bytes, std::size_t offset, std::size_t size) {
  const std::string_view field = as_text(bytes.subspan(offset, size));
  const std::size_t end = std::min(field.find('\0'), size);
  if (end == size || field.find_first_not_of('\0', end) != std::string_view::npos) {
    refuse("the header has a text without an end, or with something after it");
  }
  return field.substr(0, end);
}

// One of the two.
struct Copy {
  std::uint64_t sequence;
  std::string_view uuid;
  std::string_view json;
};

void check_checksum(ByteView copy) {
  if (text_at(copy, kChecksumNameAt, 32) != "sha256") {
    refuse("the header's checksum is none of cryptsetup's usual: SHA-256");
  }
  core::Bytes blank(copy.begin(), copy.end());
  std::fill_n(blank.begin() + kChecksumAt, kChecksumRoom, std::uint8_t{0});
  const Checksum sum = checksum_of(blank);
  if (!std::ranges::equal(sum, copy.subspan(kChecksumAt, sum.size()))) {
    refuse(
        "the header is damaged: its checksum does not fit; have cryptsetup repair it where the disk is trusted");
  }
}

// cryptsetup takes the text up to the first NUL, and wants nothing after it.
std::string_view json_in(ByteView copy) {
  const std::string_view area = as_text(copy.subspan(kBinarySize));
  const std::size_t end = area.find('\0');
  if (end == std::string_view::npos ||
      area.find_first_not_of('\0', end) != std::string_view::npos) {
    refuse("the header's JSON has no end, or something after it");
  }
  return area.substr(0, end);
}

Copy read_copy(ByteView copy, std::string_view magic, std::uint64_t offset) {
  if (!as_text(copy).starts_with(magic)) {
    refuse(offset == 0 ? "this is no LUKS header" : "the header's second copy is missing");
  }
  if (load_be(copy, kVersionAt, 2) != kVersion) {
    refuse(
        "this is LUKS, but not LUKS2, whose header alone can be checked; convert the disk with cryptsetup");
  }
  if (load_be(copy, kSizeAt, 8) != copy.size() || load_be(copy, kOffsetAt, 8) != offset) {
    refuse("the header does not say where and how long it is");
  }
  check_checksum(copy);
  return {load_be(copy, kSequenceAt, 8), text_at(copy, kUuidAt, 40), json_in(copy)};
}

}  // namespace

std::size_t copy_size(ByteView binary) {
  if (binary.size() < kBinarySize || !as_text(binary).starts_with(kFirstMagic)) {
    refuse("this is no LUKS header");
  }
  if (load_be(binary, kVersionAt, 2) != kVersion) {
    refuse(
        "this is LUKS, but not LUKS2, whose header alone can be checked; convert the disk with cryptsetup");
  }
  const std::uint64_t size = load_be(binary, kSizeAt, 8);
  if (size < kSmallest || size > kLargest || (size & (size - 1)) != 0) {
    refuse("the header has a length that LUKS2 does not know");
  }
  return static_cast<std::size_t>(size);
}

Header read_header(ByteView copies) {
  const std::size_t size = copy_size(copies);
  if (copies.size() < 2 * size) refuse("the header is cut off");
  const Copy first = read_copy(copies.first(size), kFirstMagic, 0);
  const Copy second = read_copy(copies.subspan(size, size), kSecondMagic, size);
  // cryptsetup takes the younger one, or the only good one.
  if (first.sequence != second.sequence || first.uuid != second.uuid || first.json != second.json) {
    refuse(
        "the header's two copies differ: open the disk once where it is trusted, so that cryptsetup makes them alike");
  }
  Header header = read_metadata(first.json, 2 * size);
  header.uuid = first.uuid;
  return header;
}

}  // namespace oskbc::luks
