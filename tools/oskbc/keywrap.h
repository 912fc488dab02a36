// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret_bytes.h"
#include "format/keyprovider.h"

namespace oskbc::tools {

// Answers a keywrap request: the layer's private options, wrapped with the KEK that the request's
// parameter names, as a packet of the current generation. Throws what parse_key_parameter() and
// load_kek() throw.
[[nodiscard]] core::SecretBytes answer_keywrap(const core::keyprovider::Request& request);

}  // namespace oskbc::tools
