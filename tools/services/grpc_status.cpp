// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/support/status.h>

#include "services/status.h"

namespace oskbc::services {
namespace {

grpc::Status as_grpc(const RpcStatus& status) {
  if (status.code == RpcCode::ok) return grpc::Status::OK;
  return {static_cast<grpc::StatusCode>(status.code), status.message};
}

}  // namespace

grpc::Status grpc_status(core::Status status, std::string_view message) {
  return as_grpc(rpc_status(status, message));
}

grpc::Status answer(const std::function<void()>& method) { return as_grpc(run_method(method)); }

}  // namespace oskbc::services
