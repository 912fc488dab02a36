// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/findings.h"
#include "host/kata_config.h"
#include "host/setup.h"

namespace oskbc::host {

// Whether the firmware is OVMF's AmdSev build, which has places for the hashes of a measured kernel
// and for the secret. `config` may be nullptr.
[[nodiscard]] Verdict check_firmware(const KataConfig* config, const Setup& setup);

}  // namespace oskbc::host
