// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/secret_bytes.h"
#include "common/text.h"
#include "owner/certificates/sev_certificate.h"
#include "owner/vectors.h"

// Facts of the SEV API in the types of tools/owner.
namespace oskbc::test {

[[nodiscard]] inline core::Bytes hex_bytes(const nlohmann::json& text) {
  return tools::from_hex(text.get_ref<const std::string&>()).value();
}

template <std::size_t Size>
[[nodiscard]] std::array<std::uint8_t, Size> hex_array(const nlohmann::json& text) {
  const core::Bytes bytes = hex_bytes(text);
  std::array<std::uint8_t, Size> array{};
  if (bytes.size() != Size) throw std::runtime_error("a vector of another length");
  std::ranges::copy(bytes, array.begin());
  return array;
}

[[nodiscard]] inline core::SecretBytes secret(core::ByteView bytes) {
  core::SecretBytes copy(bytes.size());
  std::ranges::copy(bytes, copy.expose_writable().begin());
  return copy;
}

[[nodiscard]] inline core::Bytes bytes_of(core::ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

// "pdh", "pek", "oca" or "cek" of the platform of certificates.json.
[[nodiscard]] inline core::Bytes certificate_bytes(const char* name) {
  return from_base64(owner_vectors("certificates.json")["cert_b64"][name]);
}

[[nodiscard]] inline owner::SevCertificate pdh_certificate() {
  return owner::SevCertificate::parse(certificate_bytes("pdh"), "pdh");
}

}  // namespace oskbc::test
