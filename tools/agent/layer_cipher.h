// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <oskbc/oskbc.hpp>

namespace oskbc::agent {

// Decrypts a layer in place, as ocicrypt encrypted it: AES-256-CTR, with an HMAC-SHA-256 of the
// encrypted bytes under the same key. The private options are what the layer's packet unwraps to,
// the public ones stand beside it in the manifest. Throws Failure when one byte is not as it was
// encrypted; the layer is not decrypted then.
void decrypt_layer(Buffer& layer, const Buffer& private_options, const std::string& public_options);

// The name of content, "sha256:" and 64 digits.
std::string digest_of(const Buffer& content);

}  // namespace oskbc::agent
