// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "source/system.h"
#include <oskbc/oskbc.h>

namespace oskbc::fault {

// One call of the C interface, which a sweep makes again and again with another failure each time.
struct Operation {
  std::string name;
  // How the call ends when nothing fails.
  oskbc_status expected = OSKBC_OK;
  // What has to be there first; not part of what fails.
  std::function<void()> prepare;
  std::function<oskbc_status()> call;
  // Looks at what the call left, given its status and the first call that failed in it, and cleans
  // up. Says what is wrong; "" if nothing.
  std::function<std::string(oskbc_status, std::string_view failed)> judge;
};

// Opening: each way that leads to the secret, and each that ends without a client.
[[nodiscard]] std::vector<Operation> open_operations(core::System& system = core::linux_system());
// Making options and setting each.
[[nodiscard]] Operation options_operation();
// The calls that use a client, with good and with bad input.
[[nodiscard]] std::vector<Operation> client_operations();

}  // namespace oskbc::fault
