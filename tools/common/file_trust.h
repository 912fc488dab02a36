// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace oskbc::tools {

// What is in a file that the owner's decisions rest on.
enum class Holds {
  keys,      // others should not read it
  decisions  // conditions or roots of trust: anybody may read it
};

// What is to be said of a file's mode, or a folder's, "" if it is right. Whoever may write to it
// decides in its owner's place; so that is refused as ssh refuses it, Status::argument, unless
// loose modes are allowed. Pipes and standard input ("-") have no mode to look at, and a file that
// is not there is somebody else's to complain about.
[[nodiscard]] std::string check_mode(const std::string& file, Holds holds, bool allow_loose);

// Whether a file, which need not be there yet, is on tmpfs or ramfs: of other file systems' disks,
// what was written once can be read long after the file is gone, and changed, by the host too.
// Throws Status::io.
[[nodiscard]] bool is_in_memory(const std::string& file);

}  // namespace oskbc::tools
