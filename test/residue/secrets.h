// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "needle.h"

// Run in the keeper's process only.
namespace oskbc_test {

struct Secrets {
  std::vector<std::string> keys;
  std::vector<std::string> plaintexts;
  // Of a keyset in a file: the injected key, and the file's own under A256KW.
  std::string kek;
  std::string cek;
};

[[nodiscard]] Secrets make_secrets(std::size_t count, std::size_t plaintext_size);

[[nodiscard]] std::string keyset_text(const Secrets& secrets, bool escaped);

// The same in a file.
[[nodiscard]] std::string sealed_keyset(const Secrets& secrets, const std::string& text,
                                        bool wraps);

// Packets as key providers write them, by OpenSSL's EVP.
[[nodiscard]] std::string seal_gcm(const Secrets& secrets, std::size_t number);
[[nodiscard]] std::string seal_ctr(const Secrets& secrets, std::size_t number);

[[nodiscard]] std::vector<Needle> mask_needles(const Secrets& secrets, const Piece& mask);

}  // namespace oskbc_test
