// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/findings.h"
#include "host/setup.h"

// Whether images can be encrypted here.
namespace oskbc::host {

// Whether ocicrypt's configuration leads to the provider "attestation-agent".
[[nodiscard]] Verdict check_ocicrypt(const Setup& setup);
// Whether skopeo was built with key providers, which it shows by using one.
[[nodiscard]] Verdict check_skopeo(const Setup& setup);

}  // namespace oskbc::host
