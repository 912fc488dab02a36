// SPDX-License-Identifier: Apache-2.0
#ifndef OSKBC_EXAMPLES_AGENT_BASE64_H
#define OSKBC_EXAMPLES_AGENT_BASE64_H

#include <string_view>

#include <oskbc/oskbc.hpp>

namespace agent {

// Decodes padded base64. Throws Failure for anything else.
oskbc::Buffer unbase64(std::string_view text);

}  // namespace agent

#endif
