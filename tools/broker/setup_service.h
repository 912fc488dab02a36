// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "broker/launch_service.h"

namespace grpc {
class Service;
}

namespace oskbc::broker {

// How GuestOwnerPublicKey and LaunchBlob are sent. The guide's server sends bytes, and its client
// makes base64 of them for QEMU; other servers send the base64, and their clients write it to
// QEMU's files as it is.
enum class BundleFormat { raw, base64 };

// pre-attestation.proto's Setup over a LaunchService, which has to outlive it.
[[nodiscard]] std::unique_ptr<grpc::Service> make_setup_service(LaunchService& launches,
                                                                BundleFormat format);

}  // namespace oskbc::broker
