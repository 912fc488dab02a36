// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/findings.h"
#include "host/kata_config.h"
#include "host/kernel_checks.h"
#include "host/setup.h"

namespace oskbc::host {

// Whether the kernel can read the initrd, and whether all is in it that takes the secret: the
// module for this kernel, the library or an agent with it, the agent's configuration. `config` may
// be nullptr.
void check_initrd(const KataConfig* config, const Setup& setup, const Kernel& kernel,
                  Findings& findings);

}  // namespace oskbc::host
