// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace oskbc::broker {

struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string client_ca;  // with it, clients need a certificate of this authority's
};

// gRPC would start with any files, and then turn every client away. Throws Status::io for a file
// that cannot be read, and Status::argument for a key that others may read or that is not the
// certificate's, and for what is not PEM.
void check_tls_files(const TlsFiles& files);

}  // namespace oskbc::broker
