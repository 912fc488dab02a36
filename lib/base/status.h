// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace oskbc::core {

// The outcomes; their numbers are public. lib/capi/guard.cpp holds them against the public numbers.
enum class Status : int {
  ok = 0,
  argument = 1,
  buffer = 2,
  params = 3,
  no_secret = 4,
  io = 5,
  wipe = 6,
  keyset = 7,
  packet = 8,
  request = 9,
  unknown_key = 10,
  unsupported = 11,
  decrypt = 12,
  no_memory = 13,
  internal = 14,
  no_keyset_file = 15,
  keyset_file_key = 16,
  keyset_file_altered = 17,
  keyset_file_old = 18,
};

inline constexpr Status kLastStatus = Status::keyset_file_old;

}  // namespace oskbc::core
