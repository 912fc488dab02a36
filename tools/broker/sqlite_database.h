// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "broker/sql.h"

namespace oskbc::broker {

// A file of mode 0600, which is made if it is not there. Several processes may use it at once.
// Throws Status::io, or Status::argument for a file that others may read.
[[nodiscard]] std::unique_ptr<SqlDatabase> open_sqlite(const std::string& file);

}  // namespace oskbc::broker
