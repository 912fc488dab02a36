// SPDX-License-Identifier: Apache-2.0
#include "host/kernel.h"

#include <algorithm>
#include <span>

#include "base/error.h"
#include "base/status.h"
#include "common/binary.h"
#include "host/archives.h"
#include "host/initrd.h"
#include "host/whole_file.h"
#include "owner/launch/firmware_image.h"

namespace oskbc::host {
namespace {

using core::ByteView;
using core::fail;
using core::Status;
using tools::load_le;

// Offsets in the boot protocol's header.
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

// After all but gzip's, which ends with the same, the kernel's build puts the unpacked size.
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
  if (owner::is_unified_kernel(image)) {
    fail(
        Status::argument,
        "this is a unified kernel image, into which the doctor cannot look; name the kernel, the initrd and the command line that it is made of");
  }
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

namespace {

constexpr KernelNeed kNeeds[] = {
    {"CONFIG_EFI", "the secret area is announced in a table of the firmware's", false},
    {"CONFIG_EFI_STUB", "OVMF starts a measured kernel as an EFI program", false},
    {"CONFIG_AMD_MEM_ENCRYPT", "without it the kernel can't run in encrypted memory", false},
    {"CONFIG_BLK_DEV_INITRD", "the guest's root is its initrd", false},
    {"CONFIG_SECURITYFS", "the secret's files are there", false},
    {"CONFIG_EFI_COCO_SECRET", "the kernel keeps the firmware's secret area for the module", false},
    {"CONFIG_EFI_SECRET", "it is the module that shows the secret", true},
};

constexpr KernelNeed k9pNeeds[] = {
    {"CONFIG_NET_9P_VIRTIO", "shared_fs is virtio-9p", true},
    {"CONFIG_9P_FS", "shared_fs is virtio-9p", true},
};

std::vector<KernelNeed> missing(const KernelConfig& config, std::span<const KernelNeed> needs) {
  std::vector<KernelNeed> result;
  for (const KernelNeed& need : needs) {
    const std::string value = config.value(need.option);
    if (value != "y" && !(need.may_be_module && value == "m")) result.push_back(need);
  }
  return result;
}

}  // namespace

KernelConfig::KernelConfig(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (!line.starts_with("CONFIG_") || equals == std::string_view::npos) continue;
    values_.insert_or_assign(std::string(line.substr(0, equals)),
                             std::string(line.substr(equals + 1)));
  }
}

std::string KernelConfig::value(std::string_view option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? "n" : found->second;
}

bool KernelConfig::is_on(std::string_view option) const { return value(option) == "y"; }

std::vector<KernelNeed> missing_options(const KernelConfig& config) {
  std::vector<KernelNeed> needs = missing(config, kNeeds);
  if (config.value("CONFIG_EFI_SECRET") == "m" && !config.is_on("CONFIG_MODULES")) {
    needs.push_back({"CONFIG_MODULES", "efi_secret is a module", false});
  }
  return needs;
}

std::vector<KernelNeed> missing_9p_options(const KernelConfig& config) {
  return missing(config, k9pNeeds);
}

namespace {

constexpr std::string_view kModules = "lib/modules/";
constexpr std::string_view kName = "/efi_secret.ko";

// What follows lib/modules/, be that in the root or in usr/.
std::string_view below_modules(std::string_view path) {
  if (path.starts_with("usr/")) path.remove_prefix(4);
  return path.starts_with(kModules) ? path.substr(kModules.size()) : std::string_view();
}

core::Bytes plain(const InitrdFile& file, const std::string& path) {
  if (compression_of(file.content) == nullptr) return file.content;
  return unpack(file.content, bounds::kModule, path).bytes;
}

// The first word of the module's own "vermagic=6.1.0-18-amd64 SMP preempt mod_unload".
std::string release_in(ByteView module) {
  constexpr std::string_view kKey = "vermagic=";
  std::string_view text = core::as_text(module);
  const std::size_t start = text.find(kKey);
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start + kKey.size());
  return std::string(text.substr(0, text.find_first_of(std::string_view(" \0", 2))));
}

bool names_module(const Initrd& initrd, const std::string& release, const char* list) {
  const InitrdFile* file = initrd.find(std::string(kModules) + release + "/" + list);
  if (file == nullptr) return false;
  // A module may lie in the folder itself, so that its line begins with its name.
  const std::string_view text = core::as_text(file->content);
  return text.find(kName) != std::string_view::npos || text.starts_with(kName.substr(1)) ||
         text.find("\n" + std::string(kName.substr(1))) != std::string_view::npos;
}

}  // namespace

bool is_module_path(std::string_view path) {
  const std::size_t name = path.rfind('/');
  return name != std::string_view::npos && path.substr(name).starts_with(kName) &&
         !below_modules(path).empty();
}

bool is_module_list(std::string_view path) {
  const std::string_view below = below_modules(path);
  return below.ends_with("/modules.dep") || below.ends_with("/modules.builtin");
}

std::vector<KernelModule> find_modules(const Initrd& initrd) {
  std::vector<KernelModule> modules;
  for (const auto& [path, file] : initrd.files) {
    if (!file.is_file || !is_module_path(path)) continue;
    const std::string_view below = below_modules(path);
    modules.push_back({path, std::string(below.substr(0, below.find('/'))),
                       release_in(plain(file, path)), compression_of(file.content)});
  }
  return modules;
}

// kmod's has its features as --version shows them: "+ZSTD +XZ -ZLIB +LIBCRYPTO". busybox's unpacks
// all that its build was told of, which is never zstd.
Readable reads(ByteView modprobe, const Compression& compression) {
  const std::string_view program = core::as_text(modprobe);
  const bool is_busybox = program.find("BusyBox v") != std::string_view::npos;
  if (is_busybox) return compression.name == "zstd" ? Readable::no : Readable::yes;
  const std::string_view feature = compression.name == "zstd"           ? "ZSTD"
                                   : compression.name.starts_with("xz") ? "XZ"
                                   : compression.name == "gzip"         ? "ZLIB"
                                                                        : "";
  if (feature.empty()) return Readable::no;
  if (program.find("+" + std::string(feature)) != std::string_view::npos) return Readable::yes;
  if (program.find("-" + std::string(feature)) != std::string_view::npos) return Readable::no;
  return Readable::unknown;
}

bool is_listed(const Initrd& initrd, const std::string& release) {
  return names_module(initrd, release, "modules.dep");
}

bool lists_built_in(const Initrd& initrd, const std::string& release) {
  return names_module(initrd, release, "modules.builtin");
}

}  // namespace oskbc::host
