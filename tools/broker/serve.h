// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "broker/launch_store.h"
#include "broker/platform_trust.h"
#include "broker/setup_service.h"
#include "broker/tls.h"
#include "services/listener.h"

namespace oskbc::broker {

struct ServeOptions {
  services::ListenAddress address;
  std::string keys = "keys.json";
  std::string keysets = "keysets.json";
  std::size_t area = 0;
  std::string state;      // a file, or postgresql://...
  std::string state_key;  // "" for the service manager's credential, or a file beside the state
  StoreLimits limits;
  PlatformTrust::Options trust;
  bool skip_measurement = false;
  bool plaintext_remote = false;
  bool allow_loose_modes = false;  // of keys, keysets and roots
  TlsFiles tls;
  BundleFormat format = BundleFormat::raw;
  std::string audit;
};

// Serves until SIGTERM or SIGINT; at SIGHUP it reads keys and keysets anew and opens the audit's
// file again. Throws what keeps it from starting.
void serve(const ServeOptions& options);

}  // namespace oskbc::broker
