// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/status.h>

#include <functional>

namespace oskbc::broker {

// Runs a method of one of the broker's services, and turns what it throws into its status.
[[nodiscard]] grpc::Status answer(const std::function<void()>& method);

}  // namespace oskbc::broker
