// SPDX-License-Identifier: Apache-2.0
// Catch's runner, compiled once for all programs of the tests.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
