// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"

// LUKS2 headers as cryptsetup 2.6 lays them out, with any JSON, and with checksums that fit: as a
// host makes them.
namespace oskbc::test {

inline constexpr const char* kUuid = "c0ffee00-1234-4abc-8def-0123456789ab";

// What cryptsetup luksFormat writes, with PBKDF2.
[[nodiscard]] std::string good_json();
// The same with the first `from` replaced, which has to be there.
[[nodiscard]] std::string changed_json(const std::string& from, const std::string& to);

// One copy.
struct Copy {
  std::string json = good_json();
  std::string uuid = kUuid;
  std::string checksum_name = "sha256";
  std::uint64_t version = 2;
  std::uint64_t sequence = 3;
  std::uint64_t size = 16384;
  std::uint64_t offset = 0;
  bool second = false;
};
[[nodiscard]] core::Bytes make_copy(const Copy& copy);
// Computes the checksum anew.
void seal_copy(core::ByteSpan copy);

// Both copies of this JSON.
[[nodiscard]] core::Bytes make_header(const std::string& json);
[[nodiscard]] core::Bytes make_header(const Copy& first, const Copy& second);

}  // namespace oskbc::test
