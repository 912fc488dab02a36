// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/bytes.h"

// What the volumes of an OVMF image hold, as far as a measured launch depends on it (README.md
// here; UEFI Platform Initialization specification, volume 3).
namespace oskbc::owner {

struct FirmwareImage {
  // Code without a volume for variables, as in a build that is split into OVMF_CODE and OVMF_VARS.
  bool is_split = false;
  // SecretDxe, the driver that shows the secret area to the kernel.
  bool publishes_secret = false;
  // A program that knows all entries of the table of hashes, and so can compare with them.
  bool verifies_hashes = false;
  // As far as its age tells, which RngDxe does: both came with edk2-stable202408.
  bool stops_at_wrong_hash = false;
  // etc/boot/, with edk2-stable202502: which of these files the hashes cover was not reviewed.
  bool takes_named_files = false;
  // Compressed otherwise than with LZMA, so that what they hold is unknown.
  std::size_t unread_sections = 0;
};

// `name` is for messages. Throws Status::argument for what is no firmware, and says what it is as
// far as that can be told; and for an image that is damaged, or over a bound.
[[nodiscard]] FirmwareImage read_firmware_image(core::ByteView image, const std::string& name);

// What a measured launch with a secret misses in it: "has no driver that...", for a sentence.
[[nodiscard]] std::vector<std::string> missing_in(const FirmwareImage& firmware);

// A program for UEFI that holds kernel, initrd and command line, each in a section.
[[nodiscard]] bool is_unified_kernel(core::ByteView image);

}  // namespace oskbc::owner
