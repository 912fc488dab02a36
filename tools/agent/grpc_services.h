// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "agent/requests.h"

namespace grpc {
class Service;
}

// The wire: requests and answers as gRPC carries them. Answers are secrets, and not protobuf's:
// each stays in one buffer that is wiped when gRPC has sent it.
namespace oskbc::agent {

// keyprovider.KeyProviderService. The requests have to outlive it, as with the next.
[[nodiscard]] std::shared_ptr<grpc::Service> make_key_provider_service(const Requests& requests);

// getresource.GetResourceService.
[[nodiscard]] std::shared_ptr<grpc::Service> make_resource_service(const Requests& requests);

}  // namespace oskbc::agent
