// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/error.h"

namespace oskbc::test {

// With which text `call` is refused; "" if it is not.
template <typename Call>
[[nodiscard]] std::string refusal_of(Call call) {
  try {
    call();
  } catch (const tools::Refused& refused) {
    return refused.what();
  }
  return {};
}

}  // namespace oskbc::test
