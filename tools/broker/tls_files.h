// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/x509.h>

#include "owner/crypto/openssl.h"

// What TLS's files hold, and what is odd about it.
namespace oskbc::broker::tls {

using Certificate = std::unique_ptr<X509, core::evp::Deleter<X509_free>>;
using RevocationList = std::unique_ptr<X509_CRL, core::evp::Deleter<X509_CRL_free>>;

// All of a file, one at least. These throw Status::io and Status::argument.
[[nodiscard]] std::vector<Certificate> read_certificates(const std::string& file);
[[nodiscard]] owner::ossl::Key read_key(const std::string& file);
[[nodiscard]] std::vector<RevocationList> read_revocation_lists(const std::string& file);

// Null, or a warning for the owner.
[[nodiscard]] std::string doubt_about_server(const X509& certificate, const std::string& file);
[[nodiscard]] std::string doubt_about_authority(const X509& certificate, const std::string& file);
[[nodiscard]] std::string doubt_about_list(const X509_CRL& list, const std::string& file);

}  // namespace oskbc::broker::tls
