// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
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

// The canonical code that comes nearest, and a message that starts with the status's name.
[[nodiscard]] grpc::Status grpc_status(core::Status status, std::string_view message);

// Runs a method of a service, and turns what it throws into its status.
[[nodiscard]] grpc::Status answer(const std::function<void()>& method);

}  // namespace oskbc::services
