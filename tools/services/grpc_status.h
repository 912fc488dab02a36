// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "base/status.h"

// grpcpp takes seconds to compile; whoever only hands a status on needs none of it.
namespace grpc {
class Status;
}

namespace oskbc::services {

// The canonical code that comes nearest, and a message that starts with the status's name.
[[nodiscard]] grpc::Status grpc_status(core::Status status, std::string_view message);

// Runs a method of a service, and turns what it throws into its status.
[[nodiscard]] grpc::Status answer(const std::function<void()>& method);

}  // namespace oskbc::services
