// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace oskbc_test {

// SHA-256 (FIPS 180-4) in lower-case hexadecimal. Written out so that the runner needs the library
// under test and nothing else; it is no example of how to hash in earnest.
[[nodiscard]] std::string sha256_hex(std::string_view data);

}  // namespace oskbc_test
