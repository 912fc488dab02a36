// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "owner/crypto/private_key.h"

namespace oskbc::test {

// A made-up platform's certificates, as a real one and AMD's key server would hand them out.
struct PlatformCertificates {
  core::Bytes pdh;
  core::Bytes pek;
  core::Bytes oca;
  core::Bytes exported_cek;  // unsigned
  core::Bytes cek;           // signed by the ASK
  core::Bytes ask;
  core::Bytes ark;
};

[[nodiscard]] PlatformCertificates make_platform_certificates(const owner::PrivateKey& pdh);

}  // namespace oskbc::test
