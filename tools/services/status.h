// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"

// grpcpp takes seconds to compile; whoever only hands a status on needs none of it.
namespace grpc {
class Status;
}

// How a client of a service is told what went wrong. What has a grpc::Status is in grpc_status.cpp,
// for programs that link gRPC.
namespace oskbc::services {

// "OSKBC_E_NO_SECRET" and so on: what can be looked up in the documentation.
[[nodiscard]] const char* status_name(core::Status status) noexcept;

// gRPC's canonical codes, which ttRPC has too; those that are used.
enum class RpcCode : int {
  ok = 0,
  invalid_argument = 3,
  not_found = 5,
  resource_exhausted = 8,
  failed_precondition = 9,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
};

struct RpcStatus {
  RpcCode code = RpcCode::ok;
  std::string message;
};

// The canonical code that comes nearest, and a message that starts with the status's name.
[[nodiscard]] RpcStatus rpc_status(core::Status status, std::string_view message);
[[nodiscard]] grpc::Status grpc_status(core::Status status, std::string_view message);

// For what is not an offline key broker's work; the message says what else to do.
[[nodiscard]] RpcStatus unimplemented(std::string_view message);

// Runs a method of a service, and turns what it throws into its status.
[[nodiscard]] RpcStatus run_method(const std::function<void()>& method);
[[nodiscard]] grpc::Status answer(const std::function<void()>& method);

// A client's way back: throws an Error of the status that the message starts with, or else of one
// that has this code.
[[noreturn]] void fail_as(int code, std::string_view message);

}  // namespace oskbc::services
