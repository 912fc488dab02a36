// SPDX-License-Identifier: Apache-2.0
#include "capi/status.h"

namespace oskbc::core {
namespace {

static_assert(to_c(Status::ok) == OSKBC_OK);
static_assert(to_c(Status::argument) == OSKBC_E_ARGUMENT);
static_assert(to_c(Status::buffer) == OSKBC_E_BUFFER);
static_assert(to_c(Status::params) == OSKBC_E_PARAMS);
static_assert(to_c(Status::no_secret) == OSKBC_E_NO_SECRET);
static_assert(to_c(Status::io) == OSKBC_E_IO);
static_assert(to_c(Status::wipe) == OSKBC_E_WIPE);
static_assert(to_c(Status::keyset) == OSKBC_E_KEYSET);
static_assert(to_c(Status::packet) == OSKBC_E_PACKET);
static_assert(to_c(Status::request) == OSKBC_E_REQUEST);
static_assert(to_c(Status::unknown_key) == OSKBC_E_UNKNOWN_KEY);
static_assert(to_c(Status::unsupported) == OSKBC_E_UNSUPPORTED);
static_assert(to_c(Status::decrypt) == OSKBC_E_DECRYPT);
static_assert(to_c(Status::no_memory) == OSKBC_E_NO_MEMORY);
static_assert(to_c(Status::internal) == OSKBC_E_INTERNAL);

// No default: -Werror=switch tells who adds a status what is missing here.
const char* text(Status status) noexcept {
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
      return "the injected keyset is malformed";
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
  }
  return "not a status of liboskbc";
}

}  // namespace
}  // namespace oskbc::core

const char* oskbc_strerror(oskbc_status status) {
  return oskbc::core::text(static_cast<oskbc::core::Status>(status));
}
