// SPDX-License-Identifier: Apache-2.0
#include "host/kernel_image.h"

#include <algorithm>
#include <string_view>

#include "base/status.h"
#include "host/archives.h"
#include "host/bounds.h"
#include "host/compression.h"
#include "owner/packed.h"

namespace oskbc::host {
namespace {

using core::ByteView;
using core::fail;
using core::Status;
using owner::load_le;

// Places in the boot protocol's header.
constexpr std::size_t kSetupSectors = 0x1f1;
constexpr std::size_t kMagic = 0x202;
constexpr std::size_t kProtocol = 0x206;
constexpr std::size_t kVersionText = 0x20e;
constexpr std::size_t kPayloadOffset = 0x248;
constexpr std::size_t kPayloadLength = 0x24c;
constexpr std::size_t kHeaderEnd = 0x250;

constexpr std::size_t kSector = 512;
// The first that says where the compressed kernel is.
constexpr std::uint16_t kProtocolWithPayload = 0x208;
constexpr std::size_t kVersionLimit = 256;

constexpr std::string_view kConfigStart = "IKCFG_ST";
constexpr std::string_view kConfigEnd = "IKCFG_ED";

bool is_bzimage(ByteView image) {
  return image.size() >= kHeaderEnd && core::as_text(image).substr(kMagic, 4) == "HdrS";
}

ByteView payload(ByteView image) {
  if (!is_bzimage(image) || load_le<std::uint16_t>(image, kProtocol) < kProtocolWithPayload) {
    return {};
  }
  const std::size_t setup = image[kSetupSectors] == 0 ? 4 : image[kSetupSectors];
  const std::size_t start = (setup + 1) * kSector + load_le<std::uint32_t>(image, kPayloadOffset);
  const std::size_t length = load_le<std::uint32_t>(image, kPayloadLength);
  if (start > image.size() || length > image.size() - start) return {};
  return image.subspan(start, length);
}

// Behind all but gzip's, whose own end is the same, the kernel's build puts the unpacked size.
ByteView without_size(ByteView packed) {
  const Compression* compression = compression_of(packed);
  if (compression == nullptr || compression->name == "gzip") return packed;
  return packed.first(packed.size() - std::min(packed.size(), sizeof(std::uint32_t)));
}

ByteView between_marks(ByteView kernel) {
  const std::string_view text = core::as_text(kernel);
  const std::size_t start = text.find(kConfigStart);
  const std::size_t end = text.find(kConfigEnd, start);
  if (end == std::string_view::npos) return {};
  const std::size_t first = start + kConfigStart.size();
  return kernel.subspan(first, end - first);
}

}  // namespace

std::string kernel_release(ByteView image) {
  if (!is_bzimage(image)) {
    fail(
        Status::argument,
        "this is no bzImage, which QEMU needs to start it through OVMF; take arch/x86/boot/bzImage of the kernel's build, not vmlinux");
  }
  const std::size_t start = load_le<std::uint16_t>(image, kVersionText) + kSector;
  const std::string_view rest =
      core::as_text(image).substr(std::min(start, image.size()), kVersionLimit);
  std::string release(rest.substr(0, rest.find_first_of(std::string_view(" \0", 2))));
  if (start == kSector || release.empty() || release.size() == rest.size()) {
    fail(Status::argument, "the bzImage's header does not name the kernel's release");
  }
  return release;
}

bool has_efi_stub(ByteView image) { return core::as_text(image).starts_with("MZ"); }

std::optional<std::string> embedded_config(ByteView image) {
  try {
    const ByteView packed = payload(image);
    if (compression_of(packed) == nullptr) return std::nullopt;
    const Unpacked kernel = unpack(without_size(packed), bounds::kUnpackedKernel, "the kernel");
    const ByteView config = between_marks(kernel.bytes);
    if (compression_of(config) == nullptr) return std::nullopt;
    const Unpacked text = unpack(config, bounds::kText, "the kernel's configuration");
    return std::string(core::as_text(text.bytes));
  } catch (const core::Error&) {
    return std::nullopt;
  }
}

}  // namespace oskbc::host
