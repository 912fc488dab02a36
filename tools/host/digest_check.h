// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/findings.h"
#include "host/setup.h"

namespace oskbc::host {

// Whether the keyset allows the launch digest of these very files, as SEV or SEV-ES.
[[nodiscard]] Verdict check_digest(const Setup& setup);

}  // namespace oskbc::host
