// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/client.h"
#include "luks/check.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::tools {

inline constexpr const char* kUsualParams = "offline_sev_kbc::null";

// The options that stand before the command.
struct Settings {
  std::string root;
  std::string guid;
  std::optional<std::string> params;  // else kUsualParams
  std::string agent;                  // its address, where one is asked instead
  bool keep_secret = false;
  bool no_kernel = false;

  // For the C interface, and for what lies below it; both throw for a bad root or GUID.
  [[nodiscard]] Options options() const;
  [[nodiscard]] core::ClientOptions core_options() const;
};

// The commands of oskbc. Each returns the exit status, or throws. What can be checked without the
// keyset is checked before the client is opened, because opening it uses it up.
int unwrap(const Settings& settings, const std::string& file, bool force);
int keyprovider(const Settings& settings);
int resource(const Settings& settings, const std::string& uri, bool force);
int list(const Settings& settings, bool json, bool consume);
// Entries for the hub's offline_fs_kbc.
struct Export {
  std::string file;
  std::vector<std::string> ids;  // none: all
  bool any_filesystem = false;
};
int export_entries(const Settings& settings, const Export& wanted);
int doctor(const Settings& settings, bool json);
// A LUKS2 disk's header: one that the command line tells of, or those of the agent's configuration.
struct LuksCheck {
  std::string device;
  luks::Wanted header;
  std::string copy;  // a file for what was checked
  std::string volume;
  bool every_volume = false;
  std::string config;
  std::string root;
};
int luks_check(const LuksCheck& wanted);
// The path in the agent's address. Throws Status::argument.
std::string credential_path(const std::string& address);
// What the agent gives for a volume, once it has checked its header.
int disk_passphrase(const std::string& volume, const std::string& address, bool force);

}  // namespace oskbc::tools
