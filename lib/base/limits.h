// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

// Every bound on what others can make grow, in bytes unless said, each with its reason.
namespace oskbc::core::limits {

// The firmware takes a secret of at most 16 KiB and OVMF's area has 3 KiB; a MiB leaves room for
// other injectors and still bounds the memory that gets locked.
inline constexpr std::size_t kKeysetText = std::size_t{1} << 20;

// A keyset in a file: tens of thousands of keys. All of it is locked while it is opened, of which
// systems let a process have 8 MiB.
inline constexpr std::size_t kKeysetFile = std::size_t{4} << 20;

// How many entries it may have; each takes memory beside its text.
inline constexpr std::size_t kKeysetFileEntries = std::size_t{1} << 16;

// A packet has some 400 bytes, the oldest form with arrays of numbers some 1,100.
inline constexpr std::size_t kPacketText = std::size_t{1} << 20;

// Base64 of the largest packet, and as much again for the members around it.
inline constexpr std::size_t kRequestText = std::size_t{2} << 20;

// A real request nests four deep, and members that we don't know have no reason to go far beyond.
inline constexpr int kJsonDepth = 32;

// Loading takes milliseconds; ten seconds is a hanging module, and the boot should go on.
inline constexpr std::chrono::seconds kModprobe{10};

}  // namespace oskbc::core::limits
