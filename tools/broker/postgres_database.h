// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "broker/sql.h"

namespace oskbc::broker {

[[nodiscard]] bool is_postgres_uri(const std::string& state) noexcept;

// postgresql://..., as libpq reads it. Connects at connect(). Passwords are better left to
// libpq's password file than given here, since others may see the command line.
[[nodiscard]] std::unique_ptr<SqlDatabase> open_postgres(const std::string& uri);

}  // namespace oskbc::broker
