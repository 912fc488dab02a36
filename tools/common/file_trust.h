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

}  // namespace oskbc::tools
