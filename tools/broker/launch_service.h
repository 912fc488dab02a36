// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "broker/audit.h"
#include "broker/client.h"
#include "broker/client_error.h"
#include "broker/keysets.h"
#include "broker/launch_store.h"
#include "broker/metrics.h"
#include "broker/platform_trust.h"
#include "broker/requested_secrets.h"
#include "broker/running_requests.h"
#include "owner/launch/launch_secret.h"
#include "owner/launch/measurement.h"

namespace oskbc::broker {

// What a platform needs to launch one guest.
struct Bundle {
  core::Bytes godh;
  core::Bytes blob;
  ConnectionId connection = 0;
};

// As it comes over the wire: the numbers may be anything.
struct SecretRequest {
  core::ByteView measurement;
  ConnectionId connection = 0;
  std::int32_t api_major = 0;
  std::int32_t api_minor = 0;
  std::int32_t build_id = 0;
  std::int32_t policy = 0;
  std::string keyset;  // Setup's clients ask for one, and
  // KeyBrokerService's for all of these or none.
  std::optional<std::vector<WantedSecret>> secrets = {};
  std::string description = {};  // the client's own words, for the audit
};

// What the guest owner's broker does with a request, whatever it came over: throws a ClientError,
// or answers; either is in the audit before the client knows. Thread-safe.
class LaunchService {
 public:
  struct Options {
    bool skip_measurement = false;
    bool skip_chain = false;  // the trust does; the audit should say so
    bool audit_key_ids = true;
    Metrics* metrics = nullptr;  // none are kept
  };

  LaunchService(LaunchStore& store, std::shared_ptr<const PlatformTrust> trust, Audit& audit,
                std::shared_ptr<const Keysets> keysets, const Options& options);

  // Certificates may be bytes or base64 of them, told by their content as files are.
  [[nodiscard]] Bundle bundle(core::ByteView pdh, core::ByteView chain, std::int32_t policy,
                              const Client& client);
  // The same from a file as sevctl exports it, PDH first.
  [[nodiscard]] Bundle bundle(core::ByteView exported, std::uint32_t policy, const Client& client);
  [[nodiscard]] owner::LaunchSecret secret(const SecretRequest& request, const Client& client);

  // From the next request on.
  void replace(std::shared_ptr<const Keysets> keysets);
  void replace(std::shared_ptr<const PlatformTrust> trust);

  // From now on clients are told to ask again, elsewhere or later; waits for the requests that run,
  // but no longer than `grace`. gRPC's own shutdown has some of them hear CANCELLED.
  void drain(std::chrono::milliseconds grace) { running_.drain(grace); }

 private:
  [[nodiscard]] std::shared_ptr<const Keysets> keysets() const;
  [[nodiscard]] std::shared_ptr<const PlatformTrust> trust() const;
  [[nodiscard]] Bundle open(core::ByteView pdh, core::ByteView chain, AuditRecord& entry);
  [[nodiscard]] owner::LaunchSecret release(const SecretRequest& request, AuditRecord& entry);
  [[nodiscard]] Launch find(ConnectionId id, const Client& client);
  [[nodiscard]] owner::Mac verify(const SecretRequest& request,
                                  std::vector<RequestedSecret>& secrets, const Launch& launch,
                                  const owner::Firmware& firmware, AuditRecord& entry) const;
  void record(const AuditRecord& entry);
  void record(AuditRecord& entry, const ClientError& error);
  template <typename Result, typename Work>
  [[nodiscard]] Result decide(AuditRecord& entry, const char* done, Work work);

  LaunchStore& store_;
  Audit& audit_;
  Options options_;
  RunningRequests running_;
  mutable std::mutex mutex_;  // of what follows
  std::shared_ptr<const PlatformTrust> trust_;
  std::shared_ptr<const Keysets> keysets_;
};

}  // namespace oskbc::broker
