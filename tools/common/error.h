// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

namespace oskbc::tools {

// What is well formed but is not trusted: a signature or measurement that does not verify, a
// platform or launch that a keyset's policy does not allow. To scripts it is the same as a tag that
// does not verify.
inline constexpr core::Status kRefused = core::Status::decrypt;

}  // namespace oskbc::tools
