// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "broker/gate.h"
#include "broker/launch_ids.h"
#include "broker/launch_service.h"
#include "broker/launch_store.h"
#include "broker/platform_trust.h"
#include "services/listener.h"

namespace grpc {
class Service;
}

namespace oskbc::broker {

// How GuestOwnerPublicKey and LaunchBlob are sent. The guide's server sends bytes, and its client
// makes base64 of them for QEMU; other servers send the base64, and their clients write it to
// QEMU's files as it is.
enum class BundleFormat { raw, base64 };

// As the health service calls them.
inline constexpr const char* kSetupName = "Setup";
inline constexpr const char* kKeyBrokerName = "keybroker.KeyBrokerService";

// pre-attestation.proto's Setup over a LaunchService, which has to outlive it.
[[nodiscard]] std::unique_ptr<grpc::Service> make_setup_service(LaunchService& launches,
                                                                BundleFormat format);

// keybroker.proto's KeyBrokerService over the same; both have to outlive it.
[[nodiscard]] std::unique_ptr<grpc::Service> make_key_broker_service(LaunchService& launches,
                                                                     const LaunchIds& ids);

struct ServeOptions {
  services::ListenAddress address;
  std::string keys = "keys.json";
  std::string keys_key;  // of keys that are encrypted; "" for the service manager's credential
  std::string keysets = "keysets.json";
  std::size_t area = 0;
  std::string state;      // a file, or postgresql://...
  std::string state_key;  // "" for the service manager's credential, or a file beside the state
  StoreLimits limits;
  PlatformTrust::Options trust;
  bool skip_measurement = false;
  bool plaintext_remote = false;
  bool allow_loose_modes = false;  // of keys, keysets and roots
  GateOptions gate;
  BundleFormat format = BundleFormat::raw;
  std::string audit;
  bool audit_key_ids = true;  // and the SHA-256 of the keys file
  std::string control;        // a Unix socket for --reload and --reopen-audit; "" for none
  std::optional<services::ListenAddress> metrics;
  bool reflection = false;
  std::string version;
};

// Serves until SIGTERM or SIGINT; at SIGHUP it reads anew what the owner may have changed, and
// opens the audit's file again. Throws what keeps it from starting.
void serve(const ServeOptions& options);

// The commands that a running broker takes on its control socket.
inline constexpr const char* kReload = "reload";  // as SIGHUP, and the outcome is known
inline constexpr const char* kReopenAudit = "reopen-audit";

}  // namespace oskbc::broker
