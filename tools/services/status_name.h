// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

namespace oskbc::services {

// "OSKBC_E_NO_SECRET" and so on: what a client of a service can look up in the documentation.
[[nodiscard]] const char* status_name(core::Status status) noexcept;

}  // namespace oskbc::services
