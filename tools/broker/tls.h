// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "broker/tls_files.h"

namespace grpc {
class ServerCredentials;
}

namespace oskbc::broker {

// Null for no files, which is plain text. gRPC reads the files itself, and anew when they change.
// Throws what check_tls_files() throws.
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> tls_credentials(const TlsFiles& files);

}  // namespace oskbc::broker
