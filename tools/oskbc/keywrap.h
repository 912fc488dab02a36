// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/secret_bytes.h"
#include "base/wrap_type.h"
#include "format/keyprovider.h"

namespace oskbc::tools {

// What an encryption parameter names: `FILE:KEYID` of the guide's demo, a keys file and an id in
// it, or `keypath=FILE::keyid=KID::algorithm=A256GCM` of the CoCo key provider, a file with 32 raw
// bytes.
struct KeyParameter {
  std::string file;
  std::string kid;
  bool raw_file = false;
  core::WrapType type = core::WrapType::a256gcm;
};

// Throws Status::request, or Status::unsupported for another algorithm.
[[nodiscard]] KeyParameter parse_key_parameter(std::string_view text);

// Reads the KEK. Throws Status::io, keyset, unknown_key, or argument for a key of another length.
[[nodiscard]] core::SecretBytes load_kek(const KeyParameter& parameter);

// The id as the current generation writes it: kbs:///repository/type/tag where it is a path, and
// plain ids as they are.
[[nodiscard]] std::string current_kid(std::string_view kid);

// Answers a keywrap request: the layer's private options, wrapped with the KEK that the request's
// parameter names, as a packet of the current generation. Throws what parse_key_parameter() and
// load_kek() throw.
[[nodiscard]] core::SecretBytes answer_keywrap(const core::keyprovider::Request& request);

}  // namespace oskbc::tools
