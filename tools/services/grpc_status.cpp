// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/support/status.h>

#include <new>
#include <string>

#include "base/error.h"
#include "services/status.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::services {
namespace {

// A client may try again what is UNAVAILABLE, has to mend what is an INVALID_ARGUMENT, and has to
// have somebody mend this machine where it is FAILED_PRECONDITION.
grpc::StatusCode code_of(core::Status status) {
  switch (status) {
    case core::Status::ok:
      return grpc::OK;
    case core::Status::argument:
    case core::Status::params:
    case core::Status::packet:
    case core::Status::request:
    case core::Status::unsupported:
    case core::Status::decrypt:
      return grpc::INVALID_ARGUMENT;
    case core::Status::no_secret:
    case core::Status::wipe:
    case core::Status::keyset:
      return grpc::FAILED_PRECONDITION;
    case core::Status::unknown_key:
      return grpc::NOT_FOUND;
    case core::Status::io:
      return grpc::UNAVAILABLE;
    case core::Status::no_memory:
      return grpc::RESOURCE_EXHAUSTED;
    case core::Status::buffer:
    case core::Status::internal:
      break;
  }
  return grpc::INTERNAL;
}

}  // namespace

grpc::Status grpc_status(core::Status status, std::string_view message) {
  if (status == core::Status::ok) return grpc::Status::OK;
  return {code_of(status), std::string(status_name(status)) + ": " + std::string(message)};
}

grpc::Status answer(const std::function<void()>& method) {
  try {
    method();
    return grpc::Status::OK;
  } catch (const Exception& error) {
    return grpc_status(static_cast<core::Status>(error.status()), error.what());
  } catch (const core::Error& error) {
    return grpc_status(error.status(), error.what());
  } catch (const std::bad_alloc&) {
    return grpc_status(core::Status::no_memory, oskbc_strerror(OSKBC_E_NO_MEMORY));
  } catch (const std::exception&) {
    // Its text might hold input.
    return grpc_status(core::Status::internal, "an unexpected error; please report it");
  }
}

}  // namespace oskbc::services
