// SPDX-License-Identifier: Apache-2.0
// Catch's runner, compiled once for all executables of this folder.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
