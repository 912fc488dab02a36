// SPDX-License-Identifier: Apache-2.0
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "fault/sweep.h"

int main(int argc, char** argv) {
  const int failed = Catch::Session().run(argc, argv);
  oskbc::fault::print_tally();
  return failed;
}
