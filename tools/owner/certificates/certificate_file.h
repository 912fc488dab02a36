// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/bytes.h"
#include "owner/certificates/certificate_chain.h"

// Certificates as the programs of a platform write them.
namespace oskbc::owner {

// The certificates of a file ("-" is standard input), one after the other: bytes, as sevctl and
// sev-tool write them; base64 of that, in lines of any length, several after one another too;
// QEMU's answer to query-sev-capabilities, or libvirt's nodesevinfo. Throws Status::io, or
// Status::argument for what is none of these.
[[nodiscard]] core::Bytes read_certificates(const std::string& file);

// The same for what is in memory; `name` is for messages.
[[nodiscard]] core::Bytes certificates_in(core::ByteView input, const std::string& name);

// Reads a file and adds what it holds.
void add_file(CertificateChain& chain, const std::string& file);

}  // namespace oskbc::owner
