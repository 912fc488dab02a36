// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "searcher.h"

namespace oskbc_test {

// What a search found, by where it may be.
struct Tally {
  // Keys that are in memory once, whole, in pages that are locked and not dumped.
  std::size_t keys_at_rest = 0;
  // Pieces in the caller's own output buffer, which are its to wipe.
  std::array<std::size_t, kSecrets> in_output{};
  // Pieces anywhere else, of which there should be none.
  std::array<std::size_t, kSecrets> strays{};

  [[nodiscard]] std::size_t all_strays() const;
  [[nodiscard]] std::size_t handed_out(Secret secret) const {
    return in_output[static_cast<std::size_t>(secret)];
  }
};

[[nodiscard]] Tally tally_up(std::span<const Finding> findings,
                             std::span<const std::uint8_t> output);

// A line of the table that the program prints.
void print_row(const std::string& point, const Tally& tally);

}  // namespace oskbc_test
