// SPDX-License-Identifier: Apache-2.0
#include "owner/launch/vmsa.h"

#include <algorithm>
#include <charconv>

#include "common/binary.h"

namespace oskbc::owner {
namespace {

struct Segment {
  std::size_t offset;
  std::uint16_t selector;
  std::uint16_t attributes;
};

// All have a limit of 0xffff and, but for CS, a base of 0.
constexpr Segment kSegments[] = {
    {0x00, 0, 0x93},       // ES
    {0x10, 0xf000, 0x9b},  // CS
    {0x20, 0, 0x93},       // SS
    {0x30, 0, 0x93},       // DS
    {0x40, 0, 0x93},       // FS
    {0x50, 0, 0x93},       // GS
    {0x60, 0, 0},          // GDTR
    {0x70, 0, 0x82},       // LDTR
    {0x80, 0, 0},          // IDTR
    {0x90, 0, 0x8b},       // TR
};
constexpr std::size_t kCsBase = 0x18;

struct Register {
  std::size_t offset;
  std::uint64_t value;
};

// The values at reset; EFER and CR4 with what KVM forces on for an SEV-ES guest (SVME, MCE).
constexpr Register kRegisters[] = {
    {0x0d0, 0x1000},              // EFER
    {0x148, 0x40},                // CR4
    {0x158, 0x10},                // CR0
    {0x160, 0x400},               // DR7
    {0x168, 0xffff0ff0},          // DR6
    {0x170, 0x2},                 // RFLAGS
    {0x268, 0x0007040600070406},  // PAT
    {0x3e8, 0x1},                 // XCR0
};
constexpr std::size_t kRip = 0x178;
constexpr std::size_t kRdx = 0x310;  // the signature, as after a reset
constexpr std::size_t kSevFeatures = 0x3b0;
constexpr std::uint64_t kDebugSwap = 0x20;
constexpr std::size_t kMxcsr = 0x408;
constexpr std::size_t kFcw = 0x410;

// QEMU's option is described in its qapi/qom.json.
constexpr VmsaGenerationName kGenerations[] = {
    {VmsaGeneration::legacy, "legacy",
     "KVM_SEV_ES_INIT: Linux before 6.10, QEMU before 9.1, and newer ones with legacy-vm-type=on or auto"},
    {VmsaGeneration::legacy_debug_swap, "legacy-debug-swap",
     "KVM_SEV_ES_INIT with debug swap: Linux 6.6 and 6.7 as they came out, on CPUs that have it; kvm_amd.debug_swap=0 turns it off"},
    {VmsaGeneration::init2, "init2",
     "KVM_SEV_INIT2: Linux 6.10 and later with QEMU 9.1 and later and legacy-vm-type=off"},
};

struct CpuType {
  std::string_view name;
  std::uint32_t signature;
};

// Of QEMU's target/i386/cpu.c, as sev-snp-measure lists them.
constexpr CpuType kCpuTypes[] = {
    {"EPYC", 0x800f12},       {"EPYC-IBPB", 0x800f12},  {"EPYC-Rome", 0x830f10},
    {"EPYC-Milan", 0xa00f11}, {"EPYC-Genoa", 0xa10f10}, {"EPYC-Turin", 0xb00f00},
};

void write_segments(core::ByteSpan page) {
  for (const Segment& segment : kSegments) {
    tools::store_le(page, segment.offset, segment.selector);
    tools::store_le(page, segment.offset + 2, segment.attributes);
    tools::store_le(page, segment.offset + 4, std::uint32_t{0xffff});
  }
}

// Takes "-v" and digits off the end.
std::string_view without_version(std::string_view type) {
  const std::size_t last = type.find_last_not_of("0123456789");
  if (last == std::string_view::npos || last + 1 == type.size()) return type;
  const std::string_view rest = type.substr(0, last + 1);
  return rest.ends_with("-v") ? rest.substr(0, rest.size() - 2) : type;
}

// The value of a line such as "model\t\t: 17" (not "model name"); empty where there is none.
std::string_view cpuinfo_value(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with(name)) continue;
    const std::size_t colon = line.find_first_not_of(" \t", name.size());
    if (colon == std::string_view::npos || line[colon] != ':') continue;
    return line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size()));
  }
  return {};
}

std::optional<unsigned> cpuinfo_number(std::string_view text, std::string_view name,
                                       unsigned maximum) {
  const std::string_view digits = cpuinfo_value(text, name);
  unsigned value = 0;
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || rest != end || value > maximum) return std::nullopt;
  return value;
}

}  // namespace

std::span<const VmsaGenerationName> vmsa_generations() noexcept { return kGenerations; }

Vmsa make_vmsa(VmsaGeneration generation, std::uint32_t start, std::uint32_t cpu_signature) {
  Vmsa vmsa{};
  const core::ByteSpan page = vmsa;
  write_segments(page);
  for (const Register& reg : kRegisters) tools::store_le(page, reg.offset, reg.value);
  tools::store_le(page, kCsBase, std::uint64_t{start & 0xffff0000U});
  tools::store_le(page, kRip, std::uint64_t{start & 0x0000ffffU});
  tools::store_le(page, kRdx, std::uint64_t{cpu_signature});
  if (generation == VmsaGeneration::legacy_debug_swap) {
    tools::store_le(page, kSevFeatures, kDebugSwap);
  }
  if (generation == VmsaGeneration::init2) {
    tools::store_le(page, kMxcsr, std::uint32_t{0x1f80});
    tools::store_le(page, kFcw, std::uint16_t{0x37f});
  }
  return vmsa;
}

std::optional<std::uint32_t> cpu_signature(std::string_view type) noexcept {
  for (const CpuType& known : kCpuTypes) {
    if (known.name == without_version(type)) return known.signature;
  }
  return std::nullopt;
}

std::uint32_t cpu_signature(const CpuModel& model) noexcept {
  constexpr unsigned kLastBaseFamily = 0xf;
  const unsigned family = std::min(model.family, kLastBaseFamily);
  return (model.family - family) << 20 | (model.model >> 4) << 16 | family << 8 |
         (model.model & 0xf) << 4 | model.stepping;
}

std::optional<CpuModel> parse_cpuinfo(std::string_view text) {
  if (cpuinfo_value(text, "vendor_id") != "AuthenticAMD") return std::nullopt;
  const auto family = cpuinfo_number(text, "cpu family", kMostCpuFamily);
  const auto model = cpuinfo_number(text, "model", kMostCpuModel);
  const auto stepping = cpuinfo_number(text, "stepping", kMostCpuStepping);
  if (!family || !model || !stepping) return std::nullopt;
  return CpuModel{*family, *model, *stepping};
}

}  // namespace oskbc::owner
