// SPDX-License-Identifier: Apache-2.0
#include <new>

#include "base/error.h"
#include "base/status.h"
#include "services/status.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::services {
namespace {

using core::Status;

// A client may try again what is UNAVAILABLE, has to mend what is an INVALID_ARGUMENT, and has to
// have somebody mend this machine where it is FAILED_PRECONDITION.
RpcCode code_of(Status status) {
  switch (status) {
    case Status::ok:
      return RpcCode::ok;
    case Status::argument:
    case Status::params:
    case Status::packet:
    case Status::request:
    case Status::unsupported:
    case Status::decrypt:
      return RpcCode::invalid_argument;
    case Status::no_secret:
    case Status::wipe:
    case Status::keyset:
    case Status::no_keyset_file:
    case Status::keyset_file_key:
    case Status::keyset_file_altered:
    case Status::keyset_file_old:
      return RpcCode::failed_precondition;
    case Status::unknown_key:
      return RpcCode::not_found;
    case Status::io:
      return RpcCode::unavailable;
    case Status::no_memory:
      return RpcCode::resource_exhausted;
    case Status::buffer:
    case Status::internal:
      break;
  }
  return RpcCode::internal;
}

std::string named(Status status, std::string_view message) {
  return std::string(status_name(status)) + ": " + std::string(message);
}

Status status_of(RpcCode code) {
  switch (code) {
    case RpcCode::ok:
      return Status::ok;
    case RpcCode::invalid_argument:
      return Status::request;
    case RpcCode::not_found:
      return Status::unknown_key;
    case RpcCode::resource_exhausted:
      return Status::no_memory;
    case RpcCode::failed_precondition:
      return Status::no_secret;
    case RpcCode::unimplemented:
      return Status::unsupported;
    case RpcCode::unavailable:
      return Status::io;
    case RpcCode::internal:
      break;
  }
  return Status::internal;
}

int shown_message(std::string_view text) {
  return static_cast<int>(text.size() < 400 ? text.size() : 400);
}

}  // namespace

RpcStatus rpc_status(Status status, std::string_view message) {
  if (status == Status::ok) return {};
  return {code_of(status), named(status, message)};
}

RpcStatus unimplemented(std::string_view message) {
  return {RpcCode::unimplemented, named(Status::unsupported, message)};
}

RpcStatus run_method(const std::function<void()>& method) {
  try {
    method();
    return {};
  } catch (const Exception& error) {
    return rpc_status(static_cast<Status>(error.status()), error.what());
  } catch (const core::Error& error) {
    return rpc_status(error.status(), error.what());
  } catch (const std::bad_alloc&) {
    return rpc_status(Status::no_memory, oskbc_strerror(OSKBC_E_NO_MEMORY));
  } catch (const std::exception&) {
    // Its text might hold input.
    return rpc_status(Status::internal, "an unexpected error; please report it");
  }
}

void fail_as(int code, std::string_view message) {
  for (int number = 1; number <= static_cast<int>(core::kLastStatus); ++number) {
    const auto status = static_cast<Status>(number);
    const std::string prefix = named(status, "");
    if (!message.starts_with(prefix)) continue;
    message.remove_prefix(prefix.size());
    core::fail(status, "%.*s", shown_message(message), message.data());
  }
  core::fail(status_of(static_cast<RpcCode>(code)), "%.*s", shown_message(message), message.data());
}

}  // namespace oskbc::services
