// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"

namespace oskbc::host {

// Bounds on what the doctor reads and unpacks, in bytes, each with its reason. Compression makes a
// gigabyte of a small file.
namespace bounds {

// Kata's configuration has some 30 KB with all its comments, a kernel's 300 KB.
inline constexpr std::size_t kText = std::size_t{4} << 20;

// OVMF has 2 or 4 MB.
inline constexpr std::size_t kFirmware = std::size_t{64} << 20;

// Kernels have 5 to 15 MB, and 60 unpacked.
inline constexpr std::size_t kKernel = std::size_t{128} << 20;
inline constexpr std::size_t kUnpackedKernel = std::size_t{512} << 20;

// Kata's initrds have 50 to 150 MB, and twice that unpacked.
inline constexpr std::size_t kInitrd = std::size_t{512} << 20;
inline constexpr std::size_t kUnpackedInitrd = std::size_t{1} << 30;

// efi_secret.ko has 20 KB; with debugging information half a MB.
inline constexpr std::size_t kModule = std::size_t{32} << 20;

// An agent in Rust has 30 MB.
inline constexpr std::size_t kAgent = std::size_t{256} << 20;

}  // namespace bounds

// Reads a regular file of at most `limit` bytes. For what is no secret. Throws Status::io with the
// absolute path that was tried, or Status::argument for one that is too long.
[[nodiscard]] core::Bytes read_whole_file(const std::string& file, std::size_t limit);

}  // namespace oskbc::host
