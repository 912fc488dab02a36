// SPDX-License-Identifier: Apache-2.0
#include "services/status.h"

namespace oskbc::services {

const char* status_name(core::Status status) noexcept {
  switch (status) {
    case core::Status::ok:
      return "OSKBC_OK";
    case core::Status::argument:
      return "OSKBC_E_ARGUMENT";
    case core::Status::buffer:
      return "OSKBC_E_BUFFER";
    case core::Status::params:
      return "OSKBC_E_PARAMS";
    case core::Status::no_secret:
      return "OSKBC_E_NO_SECRET";
    case core::Status::io:
      return "OSKBC_E_IO";
    case core::Status::wipe:
      return "OSKBC_E_WIPE";
    case core::Status::keyset:
      return "OSKBC_E_KEYSET";
    case core::Status::packet:
      return "OSKBC_E_PACKET";
    case core::Status::request:
      return "OSKBC_E_REQUEST";
    case core::Status::unknown_key:
      return "OSKBC_E_UNKNOWN_KEY";
    case core::Status::unsupported:
      return "OSKBC_E_UNSUPPORTED";
    case core::Status::decrypt:
      return "OSKBC_E_DECRYPT";
    case core::Status::no_memory:
      return "OSKBC_E_NO_MEMORY";
    case core::Status::no_keyset_file:
      return "OSKBC_E_NO_KEYSET_FILE";
    case core::Status::keyset_file_key:
      return "OSKBC_E_KEYSET_FILE_KEY";
    case core::Status::keyset_file_altered:
      return "OSKBC_E_KEYSET_FILE_ALTERED";
    case core::Status::keyset_file_old:
      return "OSKBC_E_KEYSET_FILE_OLD";
    case core::Status::internal:
      break;
  }
  return "OSKBC_E_INTERNAL";
}

}  // namespace oskbc::services
