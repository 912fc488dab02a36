// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace oskbc::tools {

// What a host's monitor answered, as people copy it into a file: names and values. Nothing of it is
// secret, and all of it is only the host's word.
using HostAnswer = std::map<std::string, std::string, std::less<>>;

// Reads the JSON of QEMU's monitor, several answers after one another too, with what is in
// "return" or without that around it; or the table of names and values that virsh prints, without
// the "sev-" that libvirt puts before some. Of values that are neither text nor number nothing is
// kept. Null for text that is neither JSON nor such a table. Throws Status::argument for damaged
// JSON; `name` is for messages.
[[nodiscard]] std::optional<HostAnswer> read_host_answer(std::string_view text, const char* name);

}  // namespace oskbc::tools
