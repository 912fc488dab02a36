// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// Where things are in an SEV certificate, in bytes (README.md here).
namespace oskbc::owner::sev_layout {

inline constexpr std::uint32_t kVersion = 1;

inline constexpr std::size_t kReserved = 6;
inline constexpr std::size_t kReservedSize = 2;
inline constexpr std::size_t kUsage = 8;
inline constexpr std::size_t kAlgorithm = 12;
inline constexpr std::size_t kPublicKey = 16;
inline constexpr std::size_t kPublicKeySize = 1028;

// A public key on a curve.
inline constexpr std::uint32_t kCurveP256 = 1;
inline constexpr std::uint32_t kCurveP384 = 2;
inline constexpr std::size_t kCurve = 16;
inline constexpr std::size_t kX = 20;
inline constexpr std::size_t kY = 92;
inline constexpr std::size_t kCoordinateSize = 72;  // of which P-384 fills 48
inline constexpr std::size_t kAfterPoint = 164;

// An RSA public key.
inline constexpr std::size_t kModulusBits = 16;
inline constexpr std::size_t kExponent = 20;
inline constexpr std::size_t kModulus = 532;
inline constexpr std::size_t kRsaFieldSize = 512;

// Of each of the two signatures: usage, algorithm, value.
inline constexpr std::size_t kSignatures = 1044;
inline constexpr std::size_t kSignatureValue = 8;
inline constexpr std::size_t kSignatureValueSize = 512;
inline constexpr std::size_t kSignatureSize = kSignatureValue + kSignatureValueSize;

}  // namespace oskbc::owner::sev_layout
