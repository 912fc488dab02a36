// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace oskbc::owner {

// The state of a vCPU at its start, which an SEV-ES launch measures (README.md here; the layout is
// that of AMD's Architecture Programmer's Manual, volume 2, appendix B).
inline constexpr std::size_t kVmsaSize = 4096;
using Vmsa = std::array<std::uint8_t, kVmsaSize>;

// KVM filled in the FPU's registers only from KVM_SEV_INIT2 on, so one guest has two digests.
enum class VmsaGeneration { legacy, init2 };

// Where the first vCPU starts.
inline constexpr std::uint32_t kResetVector = 0xfffffff0;

// `start` is the address of the first instruction.
[[nodiscard]] Vmsa make_vmsa(VmsaGeneration generation, std::uint32_t start,
                             std::uint32_t cpu_signature);

// The signature (CPUID Fn0000_0001 EAX) of a CPU type of QEMU, whose versions (-v1, -v2...) share
// it.
[[nodiscard]] std::optional<std::uint32_t> cpu_signature(std::string_view type) noexcept;

}  // namespace oskbc::owner
