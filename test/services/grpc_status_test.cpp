// SPDX-License-Identifier: Apache-2.0
#include <grpcpp/support/status.h>

#include <new>
#include <stdexcept>

#include "base/error.h"
#include "base/status.h"
#include "services/status.h"
#include "support/catch.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::grpc_status_test {

using core::Status;
using services::answer;
using services::grpc_status;

TEST_CASE("a status becomes the code that comes nearest, and names itself") {
  const auto [status, code] = GENERATE(table<Status, grpc::StatusCode>({
      {Status::argument, grpc::INVALID_ARGUMENT},
      {Status::buffer, grpc::INTERNAL},
      {Status::params, grpc::INVALID_ARGUMENT},
      {Status::no_secret, grpc::FAILED_PRECONDITION},
      {Status::io, grpc::UNAVAILABLE},
      {Status::wipe, grpc::FAILED_PRECONDITION},
      {Status::keyset, grpc::FAILED_PRECONDITION},
      {Status::packet, grpc::INVALID_ARGUMENT},
      {Status::request, grpc::INVALID_ARGUMENT},
      {Status::unknown_key, grpc::NOT_FOUND},
      {Status::unsupported, grpc::INVALID_ARGUMENT},
      {Status::decrypt, grpc::INVALID_ARGUMENT},
      {Status::no_memory, grpc::RESOURCE_EXHAUSTED},
      {Status::internal, grpc::INTERNAL},
      {Status::no_keyset_file, grpc::FAILED_PRECONDITION},
      {Status::keyset_file_key, grpc::FAILED_PRECONDITION},
      {Status::keyset_file_altered, grpc::FAILED_PRECONDITION},
      {Status::keyset_file_old, grpc::FAILED_PRECONDITION},
  }));
  const grpc::Status answered = grpc_status(status, "why");
  CHECK(answered.error_code() == code);
  CHECK(answered.error_message().find("OSKBC_E_") == 0);
  CHECK(answered.error_message().find(": why") != std::string::npos);
}

TEST_CASE("success is OK without a message") {
  CHECK(grpc_status(Status::ok, "all well").ok());
  CHECK(grpc_status(Status::ok, "all well").error_message().empty());
  CHECK(answer([] {}).ok());
}

TEST_CASE("what a method throws becomes its status") {
  const auto own = answer([] { core::fail(Status::unknown_key, "no key %d", 7); });
  CHECK(own.error_code() == grpc::NOT_FOUND);
  CHECK(own.error_message() == "OSKBC_E_UNKNOWN_KEY: no key 7");
  const auto public_one = answer([] { throw Exception(OSKBC_E_PACKET); });
  CHECK(public_one.error_code() == grpc::INVALID_ARGUMENT);
  CHECK(public_one.error_message().find("OSKBC_E_PACKET: ") == 0);
  CHECK(answer([] { throw std::bad_alloc(); }).error_code() == grpc::RESOURCE_EXHAUSTED);
}

TEST_CASE("the text of an unexpected exception stays inside") {
  const auto answered = answer([] { throw std::runtime_error("input"); });
  CHECK(answered.error_code() == grpc::INTERNAL);
  CHECK(answered.error_message().find("input") == std::string::npos);
}

}  // namespace oskbc::grpc_status_test
