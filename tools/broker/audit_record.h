// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
  std::vector<std::string> key_ids;
  bool measurement_skipped = false;
  bool chain_skipped = false;
  std::optional<std::size_t> count;  // of refusals that this line stands for
};

// What is recorded when the owner's files were read, at the start and at each reload: from then on
// these were in force.
struct FilesRecord {
  const char* event = "";     // "start", "reload"
  const char* decision = "";  // "done", "failed"
  std::string version;        // the broker's
  std::string keys_sha256;    // "" for a file that can be read once only
  std::string keysets_sha256;
  std::size_t keysets = 0;  // that may be released
  std::vector<std::string> refused_keysets;
  std::vector<std::string> problems;
};

}  // namespace oskbc::broker
