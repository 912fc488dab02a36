// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>

namespace oskbc::broker {

// What the broker says to whoever started it, beside the audit.
inline void say(const std::string& text) {
  std::fprintf(stderr, "sev-guest-owner: %s\n", text.c_str());
}

inline void warn(const std::string& text) { say("warning: " + text); }

}  // namespace oskbc::broker
