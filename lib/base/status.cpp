// SPDX-License-Identifier: Apache-2.0
#include "base/status.h"

#include <cstdarg>
#include <cstdio>

namespace oskbc::core {

void fail(Status status, const char* format, ...) {
  Error error(status);
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(error.text_, sizeof error.text_, format, arguments);
  va_end(arguments);
  throw error;
}

}  // namespace oskbc::core
