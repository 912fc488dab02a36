// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "host/findings.h"
#include "host/kata_config.h"
#include "host/kernel_config.h"
#include "host/setup.h"

namespace oskbc::host {

// What the checks of the initrd need of the kernel.
struct Kernel {
  std::string release;
  std::optional<KernelConfig> config;
};

// Whether the kernel starts through OVMF, and was built with what the guest needs. `config` may be
// nullptr. Leaves what it found in `kernel`.
void check_kernel(const KataConfig* config, const Setup& setup, Findings& findings, Kernel& kernel);

}  // namespace oskbc::host
