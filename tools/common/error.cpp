// SPDX-License-Identifier: Apache-2.0
#include "common/error.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::tools {

void refuse(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  throw Refused(text);
}

void fail_io(const char* action, const std::string& name) {
  const int error = errno;
  core::fail(core::Status::io, "%s %s failed: %s (errno %d)", action, name.c_str(),
             std::strerror(error), error);
}

}  // namespace oskbc::tools
