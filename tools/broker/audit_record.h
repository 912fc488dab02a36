// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace oskbc::broker {

// What is recorded of one decision. Nothing of it is a secret.
struct AuditRecord {
  std::string event;        // "bundle", "secret"; "audit" of the audit itself
  std::string decision;     // "opened", "released", "refused"
  std::string reason;       // of a refusal
  std::string answer;       // what the client was told
  std::string client;       // its address
  std::string client_name;  // of its certificate
  std::optional<std::int32_t> connection;
  std::optional<std::string> keyset;
  std::string secrets;      // what was asked for, where that can be more than a keyset
  std::string description;  // the client's words
  std::optional<std::uint32_t> policy;
  std::string platform;             // SHA-256 of the PDH
  std::string firmware;             // "1.55.24"
  std::string measurement;          // as the platform made it
  std::string digest;               // the one that was measured
  std::optional<std::size_t> keys;  // how many were released
  bool measurement_skipped = false;
  bool chain_skipped = false;
  std::optional<std::size_t> count;  // of refusals that this line stands for
};

}  // namespace oskbc::broker
