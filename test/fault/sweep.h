// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fault/fault.h"
#include "fault/operation.h"

namespace oskbc::fault {

// The statuses that an operation may end with when a call of this name fails.
using Expectation = std::function<bool(const Operation&, const char* call, oskbc_status)>;

// Makes the operation with its first call failing, then its second, and so on until all of its
// calls succeed; with `lasting`, all calls after the failing one fail too. Looks each time at the
// status, at what the operation left, and that no block, page, descriptor or OpenSSL error stays
// and no page goes back unwiped.
void sweep(const Operation& operation, const Fault& fault, const Expectation& expectation);

// Adds to the line that is printed for an operation at the end: how many calls failed, how many
// went wrong.
void count(const std::string& operation, long failed, long wrong);

}  // namespace oskbc::fault
