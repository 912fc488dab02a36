// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

// A LUKS2 header (the on-disk format's specification, 1.1.3), read without cryptsetup: it may have
// been forged by the host, which gains nothing from what is refused here.
namespace oskbc::luks {

// Of one copy: the binary part, and the JSON that follows it.
inline constexpr std::size_t kBinarySize = 4096;

struct Keyslot {
  std::string name;    // "keyslot 0"
  std::string cipher;  // that its area is encrypted with
  std::uint64_t key_size = 0;
};

// What cryptsetup would do with the disk, as far as that is for its owner to say.
struct Header {
  std::string uuid;
  std::string cipher;
  std::string integrity;       // "none", or as the header has it: "hmac(sha256)"
  std::uint64_t key_size = 0;  // of the volume, in bytes
  std::vector<Keyslot> keyslots;
  // Both copies and the keyslots' areas: what a header's backup has.
  std::uint64_t whole_size = 0;
};

// The length of one copy, from the first kBinarySize bytes. Throws tools::Refused.
[[nodiscard]] std::size_t copy_size(core::ByteView binary);

// Reads both copies, which follow one another, and everything in them. Throws tools::Refused for
// copies that are not whole or not alike, and for all that a disk in its ordinary state does not
// have: an unfinished change, more than one segment, tokens, keys that belong to nothing, offsets
// that reach into something else.
[[nodiscard]] Header read_header(core::ByteView copies);

// What the JSON says of a header whose copies take so many bytes together; a part of the above, in
// a source of its own.
[[nodiscard]] Header read_metadata(std::string_view json, std::uint64_t copies);

}  // namespace oskbc::luks
