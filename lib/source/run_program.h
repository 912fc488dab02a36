// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace oskbc::core {

// System::run() on this kernel.
int run_program(const std::vector<std::string>& arguments, std::chrono::milliseconds limit);

}  // namespace oskbc::core
