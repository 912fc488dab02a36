// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <algorithm>
#include <charconv>
#include <cstdarg>
#include <cstdio>

#include "base/status.h"

namespace oskbc::core {

Error make_error(Status status, const char* format, ...) {
  Error error(status);
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(error.text_, sizeof error.text_, format, arguments);
  va_end(arguments);
  return error;
}

Error make_error_around(Status status, std::string_view before, std::size_t number,
                        std::string_view after) noexcept {
  Error error(status);
  char* end = std::copy(before.begin(), before.end(), error.text_);
  end = std::to_chars(end, error.text_ + sizeof error.text_, number).ptr;
  std::copy(after.begin(), after.end(), end);
  return error;
}

void fail(Status status, const char* format, ...) {
  Error error(status);
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(error.text_, sizeof error.text_, format, arguments);
  va_end(arguments);
  throw error;
}

// No default: -Werror=switch tells who adds a status what is missing here.
const char* describe(Status status) noexcept {
  switch (status) {
    case Status::ok:
      return "success";
    case Status::argument:
      return "an argument is wrong";
    case Status::buffer:
      return "the buffer is too small";
    case Status::params:
      return "aa_kbc_params is not \"offline_sev_kbc::null\"";
    case Status::no_secret:
      return "no secret was injected, or it is gone";
    case Status::io:
      return "a file or kernel operation failed";
    case Status::wipe:
      return "the secret could not be removed from the kernel";
    case Status::keyset:
      return "the injected keyset, or the one in a file, is malformed";
    case Status::packet:
      return "the annotation packet is malformed";
    case Status::request:
      return "the key provider request or the URI is malformed";
    case Status::unknown_key:
      return "the keyset lacks the key id";
    case Status::unsupported:
      return "wrap type, version or provider is not supported";
    case Status::decrypt:
      return "the packet does not open with its key";
    case Status::no_memory:
      return "out of memory";
    case Status::internal:
      return "a bug in liboskbc";
    case Status::no_keyset_file:
      return "the injected keyset needs a keyset in a file, and the file is not there";
    case Status::keyset_file_key:
      return "the keyset file was not sealed for the injected key";
    case Status::keyset_file_altered:
      return "the keyset file was altered, or is another guest's";
    case Status::keyset_file_old:
      return "the keyset file is genuine, but not the one whose digest was injected";
  }
  return "not a status of liboskbc";
}

}  // namespace oskbc::core
