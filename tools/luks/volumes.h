// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/agent_config.h"
#include "luks/check.h"

// The disks of the agent's configuration: each [[volume]] says what its header has to be, and which
// secret opens it.
namespace oskbc::luks {

// The header is read once, from the disk into a file in memory, and checked there; cryptsetup is
// given that file. Otherwise a host could answer cryptsetup with another header than the check; and
// one with a null cipher is opened by the empty passphrase, too, which is what cryptsetup takes a
// refusal for.
struct Volume {
  std::string name;    // in crypttab(5)
  std::string device;  // the disk
  std::string header;  // the file
  std::string entry;   // of the keyset; "" for the secret area's own entry luks-key
  Wanted wanted;
};

// Throws Status::argument with what is wrong with which of them.
[[nodiscard]] std::vector<Volume> volumes_in(const tools::AgentConfig& config);

// Null where there is none of this name.
[[nodiscard]] const Volume* find_volume(const std::vector<Volume>& volumes, std::string_view name);

}  // namespace oskbc::luks
