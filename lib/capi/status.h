// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "oskbc/oskbc.h"

namespace oskbc::core {

[[nodiscard]] constexpr oskbc_status to_c(Status status) noexcept {
  return static_cast<oskbc_status>(status);
}

}  // namespace oskbc::core
