// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/doctor_report.h"
#include "host/setup.h"

namespace oskbc::host {

// Looks at all that has to fit together on the host before a guest can be started that is measured
// and gets its keys. Changes nothing.
[[nodiscard]] tools::Report examine(const Setup& setup);

}  // namespace oskbc::host
