// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"

// JWE in flattened JSON (RFC 7516, 7.2.2), as a keyset in a file has it: "dir" or "A256KW", and
// "A256GCM" (RFC 7518), all said in the protected header. lib/README.md has the form.
namespace oskbc::core {

enum class JweAlgorithm { dir, a256kw };

struct Jwe {
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::size_t kWrappedKeySize = kKeySize + 8;

  JweAlgorithm algorithm = JweAlgorithm::dir;
  std::string kid;
  std::string header;  // as it stands: the additional authenticated data
  std::array<std::uint8_t, kWrappedKeySize> wrapped_key{};  // of A256KW only
  std::array<std::uint8_t, 12> iv{};
  std::array<std::uint8_t, 16> tag{};
  ByteSpan ciphertext;
};

// Takes a JWE apart. Its ciphertext is decoded over the start of the text, so that what it is
// decrypted to can stay there: nothing else of the text can be used afterwards. Throws
// Status::keyset for everything that is not needed, too: other algorithms, compression, unprotected
// headers. Called cold, as all that is for a file: that makes it small, and it runs once.
[[nodiscard, gnu::cold]] Jwe read_jwe(ByteSpan text);

}  // namespace oskbc::core
