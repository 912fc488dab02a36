// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace oskbc::owner {

// The state of a vCPU at its start, which an SEV-ES launch measures (README.md here; the layout is
// that of AMD's Architecture Programmer's Manual, volume 2, appendix B).
inline constexpr std::size_t kVmsaSize = 4096;
using Vmsa = std::array<std::uint8_t, kVmsaSize>;

// What the host's KVM puts into it, so that one guest has three digests. KVM_SEV_ES_INIT leaves the
// FPU's registers out; some kernels turned on debug swap with it, where the CPU has that.
// KVM_SEV_INIT2 fills the FPU's registers in.
enum class VmsaGeneration { legacy, legacy_debug_swap, init2 };

struct VmsaGenerationName {
  VmsaGeneration generation;
  const char* name;  // on the command line
  const char* where;
};

// All of them.
[[nodiscard]] std::span<const VmsaGenerationName> vmsa_generations() noexcept;

// Where the first vCPU starts.
inline constexpr std::uint32_t kResetVector = 0xfffffff0;

// `start` is the address of the first instruction.
[[nodiscard]] Vmsa make_vmsa(VmsaGeneration generation, std::uint32_t start,
                             std::uint32_t cpu_signature);

// The signature (CPUID Fn0000_0001 EAX) of a CPU type of QEMU, whose versions (-v1, -v2...) share
// it.
[[nodiscard]] std::optional<std::uint32_t> cpu_signature(std::string_view type) noexcept;

// What the kernel calls cpu family, model and stepping, in /proc/cpuinfo.
struct CpuModel {
  unsigned family;
  unsigned model;
  unsigned stepping;
};

inline constexpr unsigned kMostCpuFamily = 0xf + 0xff;
inline constexpr unsigned kMostCpuModel = 0xff;
inline constexpr unsigned kMostCpuStepping = 0xf;

// None of them may be over its bound.
[[nodiscard]] std::uint32_t cpu_signature(const CpuModel& model) noexcept;

// Reads the text of /proc/cpuinfo, its first CPU. Nothing where one of the three is missing or over
// its bound, and for a CPU that is not AMD's.
[[nodiscard]] std::optional<CpuModel> parse_cpuinfo(std::string_view text);

}  // namespace oskbc::owner
