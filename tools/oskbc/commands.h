// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "oskbc/settings.h"

// The commands of oskbc. Each returns the exit status, or throws. What can be checked without the
// keyset is checked before the client is opened, because opening it uses it up.
namespace oskbc::tools {

int unwrap(const Settings& settings, const std::string& file, bool force);
int keyprovider(const Settings& settings);
int resource(const Settings& settings, const std::string& uri, bool force);
int list(const Settings& settings, bool json);
int doctor(const Settings& settings, bool json);

}  // namespace oskbc::tools
