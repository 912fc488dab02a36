// SPDX-License-Identifier: Apache-2.0
#include "broker/answers.h"

#include <new>

#include "broker/client_error.h"

namespace oskbc::broker {
namespace {

grpc::StatusCode code_of(Code code) {
  switch (code) {
    case Code::invalid_argument:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case Code::resource_exhausted:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Code::unimplemented:
      return grpc::StatusCode::UNIMPLEMENTED;
    case Code::unavailable:
      return grpc::StatusCode::UNAVAILABLE;
    case Code::internal:
      return grpc::StatusCode::INTERNAL;
  }
  return grpc::StatusCode::INTERNAL;
}

}  // namespace

grpc::Status answer(const std::function<void()>& method) {
  try {
    method();
    return grpc::Status::OK;
  } catch (const ClientError& error) {
    return {code_of(error.code()), error.what()};
  } catch (const std::bad_alloc&) {
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "OUT OF MEMORY"};
  } catch (const std::exception&) {
    // Its text is for the owner's eyes, if anybody's.
    return {grpc::StatusCode::INTERNAL, "INTERNAL ERROR"};
  }
}

}  // namespace oskbc::broker
