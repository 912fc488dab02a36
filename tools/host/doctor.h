// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/doctor_report.h"
#include "owner/launch/launch_digest.h"

namespace oskbc::host {

struct KataConfig;

inline constexpr const char* kKataFile = "/etc/kata-containers/configuration.toml";

// What the doctor is to look at; empty for what is not named. What Kata's configuration names as
// well, this replaces.
struct Setup {
  std::string kata;
  std::string ovmf;
  std::string kernel;
  std::string kernel_config;
  std::string initrd;
  std::string ocicrypt_conf;
  std::string skopeo;
  std::string keysets;
  std::string keyset;
  // The whole command line that Kata gives to QEMU.
  std::optional<std::string> append;
  // For SEV-ES.
  std::optional<owner::EsCpus> cpus;

  // Replaces what is empty by what Kata's configuration names.
  void fill_from(const KataConfig& config);
};

// Looks at all that has to fit together on the host before a guest can be started that is measured
// and gets its keys. Changes nothing.
[[nodiscard]] tools::Report examine(const Setup& setup);

}  // namespace oskbc::host
