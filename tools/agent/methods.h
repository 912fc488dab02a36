// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/failure_log.h"
#include "agent/requests.h"
#include "services/status.h"
#include "ttrpc/frame.h"

namespace oskbc::agent {

// The services of today's and of older guests, by their names (lib/README.md), and one of our own.
class Methods {
 public:
  explicit Methods(const Requests& requests) : requests_(requests) {}

  // Fills `answer`, field 1 of the method's answer, or says why not.
  [[nodiscard]] services::RpcStatus call(const ttrpc::Request& request, Buffer& answer);

 private:
  const Requests& requests_;
  FailureLog log_;
};

}  // namespace oskbc::agent
