// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/firmware_image.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "owner/launch/efi_guid.h"
#include "owner/launch/firmware_volumes.h"
#include "owner/launch/ovmf.h"

namespace oskbc::owner {
namespace {

using core::ByteView;
using core::fail;
using core::Status;
using tools::load_le;

// What a program or a driver of the volumes tells about the whole.
class Finder {
 public:
  void take_file(ByteView guid) {
    if (std::ranges::equal(guid, secret_driver_)) found.publishes_secret = true;
    if (std::ranges::equal(guid, random_driver_)) found.stops_at_wrong_hash = true;
  }

  void take_program(ByteView program) {
    const std::string_view text = core::as_text(program);
    const auto has = [text](const EfiGuid& guid) {
      return text.find(core::as_text(guid)) != std::string_view::npos;
    };
    if (std::ranges::all_of(hash_entries_, has)) found.verifies_hashes = true;
    if (text.find("etc/boot/") != std::string_view::npos) found.takes_named_files = true;
  }

  FirmwareImage found;

 private:
  const EfiGuid secret_driver_ = to_efi_guid("6e2b9619-8810-4e9d-a177-d432bb9abeda");
  const EfiGuid random_driver_ = to_efi_guid("b981a835-6ee8-4f4c-ae0b-210aa0bfbf01");
  // Command line, initrd, kernel.
  const std::array<EfiGuid, 3> hash_entries_ = {
      to_efi_guid("97d02dd8-bd20-4c94-aa78-e7714d36ab2a"),
      to_efi_guid("44baf731-3a2f-4bd7-9af1-41e29169781d"),
      to_efi_guid("4de79437-abd2-427f-b835-d5b172d2045b")};
};

// Where a PE file's header is; 0 for what is none.
std::size_t pe_header(ByteView image) {
  constexpr std::size_t kOffset = 0x3c;
  constexpr std::size_t kSize = 24;
  if (!core::as_text(image).starts_with("MZ") || image.size() < kOffset + 4) return 0;
  const std::size_t header = load_le<std::uint32_t>(image, kOffset);
  if (header > image.size() || image.size() - header < kSize) return 0;
  return core::as_text(image).substr(header, 4) == std::string_view("PE\0\0", 4) ? header : 0;
}

bool has_section(ByteView image, std::string_view name) {
  constexpr std::size_t kCount = 6;
  constexpr std::size_t kOptionalSize = 20;
  constexpr std::size_t kHeader = 24;
  constexpr std::size_t kSection = 40;
  const std::size_t header = pe_header(image);
  if (header == 0) return false;
  const unsigned count = load_le<std::uint16_t>(image, header + kCount);
  std::size_t offset = header + kHeader + load_le<std::uint16_t>(image, header + kOptionalSize);
  for (unsigned i = 0; i < count && offset + kSection <= image.size(); ++i, offset += kSection) {
    if (core::as_text(image).substr(offset, name.size()) == name) return true;
  }
  return false;
}

// What was given instead of firmware.
const char* kind_of(ByteView image) {
  constexpr std::size_t kKernelMagic = 0x202;
  const std::string_view text = core::as_text(image);
  if (is_unified_kernel(image)) {
    return "is a unified kernel image and no firmware; name the OVMF image that the guest starts with";
  }
  if (text.size() > kKernelMagic && text.substr(kKernelMagic, 4) == "HdrS") {
    return "is a Linux kernel and no firmware; name the OVMF image that the guest starts with";
  }
  if (text.starts_with("MZ")) {
    return "is a program for UEFI and no firmware; name the OVMF image that the guest starts with";
  }
  if (text.starts_with("QFI\xfb")) {
    return "is a disk image in qcow2; unpack it with qemu-img convert -O raw, because that is measured";
  }
  return "is no firmware: it has no firmware volume; name the OVMF image that the guest starts with";
}

}  // namespace

FirmwareImage read_firmware_image(ByteView image, const std::string& name) {
  Finder finder;
  const VolumeVisitor visitor = {
      .file = [&finder](ByteView guid) { finder.take_file(guid); },
      .program = [&finder](ByteView program) { finder.take_program(program); }};
  const Volumes volumes = read_volumes(image, name, visitor);
  if (volumes.count == 0 && has_ovmf_table(image)) return finder.found;
  if (volumes.count == 0) fail(Status::argument, "%s %s", name.c_str(), kind_of(image));
  if (!volumes.files) {
    fail(
        Status::argument,
        "%s is a store of variables (OVMF_VARS), which is not measured; name the build that has code and variables in one file",
        name.c_str());
  }
  finder.found.is_split = !volumes.variables;
  finder.found.unread_sections = volumes.unread_sections;
  return finder.found;
}

std::vector<std::string> missing_in(const FirmwareImage& firmware) {
  std::vector<std::string> missing;
  if (firmware.is_split) {
    missing.emplace_back(
        "is the code of a build in two files (OVMF_CODE and OVMF_VARS), of which the variables are not measured");
  }
  if (!firmware.publishes_secret) {
    missing.emplace_back(
        "has no driver that shows the secret area to the kernel (SecretDxe), so no secret arrives");
  }
  if (!firmware.verifies_hashes) {
    missing.emplace_back(
        "has nothing that compares kernel, initrd and command line with their hashes, so the digest promises nothing about them");
  }
  if (firmware.unread_sections > 0 && !missing.empty()) {
    missing.back() += " (" + std::to_string(firmware.unread_sections) +
                      " of its sections have another compression than LZMA, which is unsupported)";
  }
  return missing;
}

bool is_unified_kernel(ByteView image) { return has_section(image, ".linux"); }

}  // namespace oskbc::owner
