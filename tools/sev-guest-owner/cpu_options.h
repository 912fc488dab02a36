// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "owner/launch_digest.h"
#include "sev-guest-owner/command.h"

namespace oskbc::tools {

// The vCPUs of an SEV-ES guest, as a command line gives them; `digest` and `doctor` share it.
struct CpuOptions {
  std::string type;
  std::optional<std::uint32_t> signature;
  std::optional<std::uint32_t> count;

  [[nodiscard]] bool any() const noexcept { return count || signature || !type.empty(); }
};

void add_cpu_options(CLI::App& command, CpuOptions& options);

// Throws CLI::RequiredError for what is not given; `purpose` says what it is needed for. Throws
// CLI::ValidationError for a type that is not known, and for no vCPU.
[[nodiscard]] owner::EsCpus es_cpus(const CpuOptions& options, const std::string& purpose);

}  // namespace oskbc::tools
