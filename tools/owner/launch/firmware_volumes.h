// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/bytes.h"

namespace oskbc::owner {

// Walks through the volumes of a UEFI firmware image, and those inside of them (UEFI Platform
// Initialization specification, volume 3). The image may be hostile.
struct VolumeVisitor {
  // A file, by its GUID as it lies in memory.
  std::function<void(core::ByteView guid)> file;
  // A program in a file: PE32, or TE, which is the same with a shorter header.
  std::function<void(core::ByteView program)> program;
};

struct Volumes {
  std::size_t count = 0;   // in the image itself
  bool variables = false;  // one of them is for variables
  bool files = false;      // one of them holds files
  // Sections that are compressed otherwise than with LZMA, so that what they hold is unknown.
  std::size_t unread_sections = 0;
};

// `name` is for messages. Throws Status::argument for a damaged image, and for one over a bound.
[[nodiscard]] Volumes read_volumes(core::ByteView image, const std::string& name,
                                   const VolumeVisitor& visitor);

}  // namespace oskbc::owner
