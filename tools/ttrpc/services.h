// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include <oskbc/oskbc.hpp>

// What guests ask their agent, by the names of the protobuf packages (lib/README.md).
namespace oskbc::ttrpc {

// UnWrapKey and WrapKey: the JSON of ocicrypt's key provider protocol.
inline constexpr std::string_view kKeyProvider = "keyprovider.KeyProviderService";
// GetResource: the one of CC-0.5.0 to CC-0.8.1 has the aa_kbc_params too.
inline constexpr std::string_view kOldResources = "getresource.GetResourceService";
inline constexpr std::string_view kResources = "api.GetResourceService";
// UnsealSecret.
inline constexpr std::string_view kSealedSecrets = "api.SealedSecretService";
// ListEntries: our own, for oskbc(1). An empty request; the answer's field 1 is what
// write_entries() writes.
inline constexpr std::string_view kKeyset = "oskbc.KeysetService";

// Where guests look for an agent, today and since CC-0.5.0.
inline constexpr std::string_view kTodaysSocket = "/run/confidential-containers/cdh.sock";
inline constexpr std::string_view kKeyProviderSocket =
    "/run/confidential-containers/attestation-agent/keyprovider.sock";
inline constexpr std::string_view kResourceSocket =
    "/run/confidential-containers/attestation-agent/getresource.sock";
inline constexpr std::string_view kAttestationSocket =
    "/run/confidential-containers/attestation-agent/attestation-agent.sock";

// Where systemd and cryptsetup find secrets: no ttRPC, see agent/credentials.h.
inline constexpr std::string_view kCredentialSocket = "/run/oskbc/credentials.sock";

// Of an entry, what is no secret.
struct Entry {
  std::string id;
  std::uint64_t size = 0;
};

[[nodiscard]] std::vector<Entry> entries_of(const Client& client);

// Repeated field 1 {1 id, 2 size}.
[[nodiscard]] core::Bytes write_entries(const std::vector<Entry>& entries);
// Throws Status::request.
[[nodiscard]] std::vector<Entry> read_entries(core::ByteView message);

}  // namespace oskbc::ttrpc
