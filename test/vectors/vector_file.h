// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <oskbc/oskbc.h>

namespace oskbc_test {

enum class Operation { unwrap, keyprovider, resource, open, key_ids };

// One vector, as test/vectors/README.md describes its file.
struct Vector {
  std::string comment;
  Operation operation = Operation::unwrap;
  oskbc_status expect = OSKBC_OK;
  std::optional<std::string> keyset;
  bool require_authenticated = false;
  std::optional<std::string> plaintext;
  std::optional<std::string> plaintext_sha256;
  std::optional<std::size_t> key_count;
  std::vector<std::string> key_ids;
  std::string body;
};

// Throws std::runtime_error for a header that is unknown, there twice, or does not fit the
// operation: a mistyped name must not weaken a test without a word.
[[nodiscard]] Vector parse_vector(const std::string& content);
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

// The vectors of a directory, sorted by name.
[[nodiscard]] std::vector<std::filesystem::path> vector_paths(const std::string& directory);

}  // namespace oskbc_test
