// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace oskbc::host {

// What a confidential guest needs of Kata's configuration.toml, out of [hypervisor.qemu]. Texts are
// empty where they are not set.
struct KataConfig {
  std::optional<bool> confidential_guest;
  std::optional<bool> guest_attestation;
  std::string guest_attestation_proxy;
  std::string guest_attestation_keyset;
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
