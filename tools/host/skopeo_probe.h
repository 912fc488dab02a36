// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace oskbc::host {

enum class KeyProviderSupport { yes, no, did_not_run };

// Has a skopeo encrypt an image of some hundred bytes for a provider of our own, in a folder of our
// own. Its version does not tell what it can: that depends on the ocicrypt that it was built with.
[[nodiscard]] KeyProviderSupport probe_skopeo(const std::string& program);

// The program of this name in PATH; empty if there is none. A name with a slash is a path already.
[[nodiscard]] std::string find_program(const std::string& name);

}  // namespace oskbc::host
