// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

// Firmware images for tests, piece by piece: sections, files, volumes. Texts, because they are put
// together; the reader wants bytes.
namespace oskbc::test {

inline constexpr std::string_view kFiles = "8c8ce578-8a3d-4f1c-9935-896185c32dd3";
inline constexpr std::string_view kVariables = "fff12b8d-7696-4c8b-a985-2747075b4f50";
inline constexpr std::string_view kSecretDriver = "6e2b9619-8810-4e9d-a177-d432bb9abeda";
inline constexpr std::string_view kRandomDriver = "b981a835-6ee8-4f4c-ae0b-210aa0bfbf01";
inline constexpr std::string_view kLoader = "806040ca-dad9-4978-a3b4-2d2ab0c8a48f";
inline constexpr std::string_view kLzma = "ee4e5898-3914-4259-9d6e-dc7bd79403cf";
inline constexpr std::string_view kChecksum = "fc1bcdb0-7d31-49aa-936a-a4600d9dd083";

inline constexpr unsigned kProgram = 0x10;
inline constexpr unsigned kVolume = 0x17;

[[nodiscard]] std::string guid_bytes(std::string_view guid);
// `value` in `size` bytes, little endian.
[[nodiscard]] std::string number(std::uint64_t value, std::size_t size);

[[nodiscard]] std::string section(unsigned type, std::string_view body);
[[nodiscard]] std::string guided_section(std::string_view guid, unsigned attributes,
                                         std::string_view data);
// What LZMA's own format has: properties, size, stream.
[[nodiscard]] std::string lzma(std::string_view data);
[[nodiscard]] std::string file(std::string_view guid, std::string_view sections,
                               unsigned type = 0x07);
[[nodiscard]] std::string volume(std::string_view files, std::string_view system = kFiles);

// A program that knows the entries of the table of hashes.
[[nodiscard]] std::string verifier(std::string_view more = {});
// Files as AmdSev OVMF has them since edk2-stable202408, and around them what it has around them:
// variables, and a volume in a compressed section of a file of a volume.
[[nodiscard]] std::string amdsev_files();
[[nodiscard]] std::string wrap(std::string_view files);

}  // namespace oskbc::test
