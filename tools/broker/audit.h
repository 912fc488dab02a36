// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "base/unique_fd.h"

namespace oskbc::broker {

// What is recorded of one decision. Nothing of it is a secret.
struct AuditRecord {
  const char* event = "";     // "bundle", "secret"
  const char* decision = "";  // "opened", "released", "refused"
  std::string reason;         // of a refusal
  std::string answer;         // what the client was told
  std::string client;         // its address, and its certificate's name where it has one
  std::string client_name;
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
};

// One line of JSON a decision, in a file or on standard error. Thread-safe.
class Audit {
 public:
  // "" is standard error. Throws Status::io.
  explicit Audit(std::string file);

  // A line is written whole. Throws Status::io, and says so on standard error.
  void write(const AuditRecord& record);
  // Opens the file anew, once somebody has moved the old one away. Throws Status::io.
  void reopen();

 private:
  std::string file_;
  std::mutex mutex_;
  core::UniqueFd fd_;
};

}  // namespace oskbc::broker
