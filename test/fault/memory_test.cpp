// SPDX-License-Identifier: Apache-2.0
// Memory is short at any one call, and from any call on.

#include "fault/sweep.h"
#include "support/catch.h"

using namespace oskbc::fault;

namespace {

// A lack that the code could do without, a smaller buffer for sorting say, may go unnoticed.
bool out_of_memory_or_none(const Operation& operation, const char* /*call*/, oskbc_status status) {
  return status == OSKBC_E_NO_MEMORY || status == operation.expected;
}

void sweep_memory(const Operation& operation) {
  for (const bool lasting : {false, true}) {
    sweep(operation, {.kind = Kind::memory, .lasting = lasting}, out_of_memory_or_none);
  }
}

}  // namespace

TEST_CASE("opening without memory says so, at whatever allocation") {
  for (const Operation& operation : open_operations()) sweep_memory(operation);
}

TEST_CASE("options without memory say so, at whatever allocation") {
  sweep_memory(options_operation());
}

TEST_CASE("a client's calls without memory say so and wipe, at whatever allocation") {
  for (const Operation& operation : client_operations()) sweep_memory(operation);
}
