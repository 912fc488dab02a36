// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "owner/launch/measurement.h"

namespace oskbc::owner {

// What a host tells of a launch: the measurement, and of the rest as much as was told with it. All
// of it is the host's word; but a measurement verifies with the right numbers only.
struct LaunchReport {
  LaunchMeasurement measurement;
  std::optional<std::uint8_t> api_major;
  std::optional<std::uint8_t> api_minor;
  std::optional<std::uint8_t> build_id;
  std::optional<std::uint32_t> policy;
};

// Reads what parse_launch_measurement() does; QEMU's answer to query-sev-launch-measure, with that
// to query-sev before or after it, too; or what libvirt's domlaunchsecinfo prints. `name` is for
// messages. Throws Status::argument.
[[nodiscard]] LaunchReport parse_launch_report(std::string_view text, const std::string& name);

// The same for a command line's word, which may instead name a file ("-" is standard input).
[[nodiscard]] LaunchReport read_launch_report(const std::string& word);
// Whether the word is no measurement alone: a file or an answer may tell more.
[[nodiscard]] bool may_tell_more(const std::string& word);

}  // namespace oskbc::owner
