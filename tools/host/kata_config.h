// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oskbc::host {

// What a confidential guest needs of Kata's configuration.toml, out of [hypervisor.qemu]. Texts are
// empty where they are not set.
struct KataConfig {
  // Whether it has a member of guest_pre_attestation...: the shim that reads these speaks another
  // protocol than that which reads guest_attestation....
  bool is_pre_attestation = false;
  std::optional<bool> confidential_guest;
  std::optional<bool> guest_attestation;
  std::string guest_attestation_proxy;
  std::string guest_attestation_keyset;
  std::string kbs_mode;
  // Of the first shims with guest_pre_attestation, which know no mode.
  bool has_old_proxy = false;
  std::optional<std::int64_t> sev_guest_policy;
  std::string sev_cert_chain;
  std::optional<bool> sev_snp_guest;
  std::string shared_fs;
  std::string firmware;
  std::string firmware_volume;
  std::string kernel;
  std::string kernel_params;
  std::string initrd;
  std::string image;
};

// The attestation's members are read by their later names (guest_pre_attestation...) too. `name` is
// for messages. Throws Status::argument for what is no TOML, has a member of a wrong type, or lacks
// [hypervisor.qemu].
[[nodiscard]] KataConfig parse_kata_config(std::string_view text, const std::string& name);

}  // namespace oskbc::host
