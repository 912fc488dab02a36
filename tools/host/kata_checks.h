// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/findings.h"
#include "host/kata_config.h"
#include "host/setup.h"

// Whether Kata is told to start a guest that is measured and gets a secret.
namespace oskbc::host {

// The members that stand for themselves: confidential_guest, guest_attestation..., shared_fs.
void check_kata(const KataConfig& config, const Setup& setup, Findings& findings);
// Skips the same checks.
void skip_kata(Findings& findings);

// Whether the guest's agent is led to its configuration. `config` may be nullptr.
[[nodiscard]] Verdict check_kernel_params(const KataConfig* config, const Setup& setup);

}  // namespace oskbc::host
