// SPDX-License-Identifier: Apache-2.0
// Read once for all the sources of a program; no source relies on it.
#include <nlohmann/json.hpp>

#include "support/catch.h"
