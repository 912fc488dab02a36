// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace oskbc::owner {

// The firmware, as `query-sev` tells it.
struct Firmware {
  std::uint8_t api_major = 0;
  std::uint8_t api_minor = 0;
  std::uint8_t build_id = 0;
};

// API 0.17 put the firmware's version into the measurement, and the measurement into the MAC of
// secrets.
[[nodiscard]] constexpr bool has_full_measurement(const Firmware& firmware) noexcept {
  return firmware.api_major > 0 || firmware.api_minor >= 17;
}

// A guest's policy, which the platform keeps to for the guest's whole life (README.md here; AMD's
// sevapi.h).
namespace policy {

inline constexpr std::uint32_t kNoDebug = 1U << 0;
inline constexpr std::uint32_t kNoKeySharing = 1U << 1;
inline constexpr std::uint32_t kEncryptedState = 1U << 2;
inline constexpr std::uint32_t kNoSend = 1U << 3;
inline constexpr std::uint32_t kDomain = 1U << 4;
inline constexpr std::uint32_t kSev = 1U << 5;
inline constexpr std::uint32_t kReserved = 0x0000ffc0;

// The firmware's version below which the guest is not launched.
[[nodiscard]] constexpr unsigned min_api_major(std::uint32_t policy) noexcept {
  return policy >> 16 & 0xffU;
}
[[nodiscard]] constexpr unsigned min_api_minor(std::uint32_t policy) noexcept {
  return policy >> 24;
}

// The names of the bits that are set: "NODBG", "ES".
[[nodiscard]] std::vector<std::string> flags(std::uint32_t policy);
// "0x16000037 (NODBG, NOKS, ES, DOMAIN, SEV, API 0.22 or later)"
[[nodiscard]] std::string describe(std::uint32_t policy);
// What an owner should think about before the launch, a sentence each; none for a policy that is
// fine.
[[nodiscard]] std::vector<std::string> warnings(std::uint32_t policy);

}  // namespace policy

}  // namespace oskbc::owner
