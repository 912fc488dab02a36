// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/findings.h"
#include "host/initrd.h"
#include "host/kernel_checks.h"

namespace oskbc::host {

// Whether the initrd has efi_secret for exactly this kernel, and modprobe would load it.
[[nodiscard]] Verdict check_module(const Initrd& initrd, const Kernel& kernel);

}  // namespace oskbc::host
