// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/bytes.h"

// AMD's own roots, known by the SHA-256 of what AMD publishes (README.md here).
namespace oskbc::owner {

class AmdCertificate;

// The generation of processors ("Milan") whose ARK this is; null if it is none of AMD's. The same
// pointer for the same generation.
[[nodiscard]] const char* generation_of_ark(const AmdCertificate& ark);

// AMD publishes the ARK of Naples without its own signature, which makes it shorter than any other.
// The size of it if `bytes` begin with exactly that certificate, and not with the whole one.
[[nodiscard]] std::optional<std::size_t> size_of_short_ark(core::ByteView bytes);

}  // namespace oskbc::owner
