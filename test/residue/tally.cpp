// SPDX-License-Identifier: Apache-2.0
#include "tally.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace oskbc_test {
namespace {

bool is_in(const Finding& finding, std::span<const std::uint8_t> output) {
  const auto begin = reinterpret_cast<std::uintptr_t>(output.data());
  return finding.address >= begin && finding.address + kPiece <= begin + output.size();
}

// Where even a page can't be locked, the library can't either and goes on.
bool can_lock() {
  const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool locked = page != MAP_FAILED && mlock(page, size) == 0;
  if (page != MAP_FAILED) munmap(page, size);
  return locked;
}

// Both halves of a key, one after the other, where a key may be.
bool is_at_rest(const Finding& first, const Finding& second) {
  static const bool lockable = can_lock();
  return first.needle->position == 0 && second.needle->position == kPiece &&
         second.address == first.address + kPiece && (first.locked || !lockable) && !first.dumped;
}

// Takes what is outside the output buffer, and moves keys of which there is one copy, at rest.
void count_keys(std::span<const Finding> keys, Tally& tally) {
  for (const Finding& first : keys) {
    const auto is_same = [&](const Finding& other) {
      return other.needle->number == first.needle->number;
    };
    const auto second = std::find_if(keys.begin(), keys.end(), [&](const Finding& other) {
      return is_same(other) && is_at_rest(first, other);
    });
    if (second == keys.end() || std::count_if(keys.begin(), keys.end(), is_same) != 2) continue;
    ++tally.keys_at_rest;
    tally.strays[static_cast<std::size_t>(Secret::key)] -= 2;
  }
}

}  // namespace

std::size_t Tally::all_strays() const {
  return std::accumulate(strays.begin(), strays.end(), std::size_t{0});
}

Tally tally_up(std::span<const Finding> findings, std::span<const std::uint8_t> output) {
  Tally tally;
  std::vector<Finding> keys;
  for (const Finding& finding : findings) {
    const bool handed_out = is_in(finding, output);
    ++(handed_out ? tally.in_output
                  : tally.strays)[static_cast<std::size_t>(finding.needle->secret)];
    if (!handed_out && finding.needle->secret == Secret::key) keys.push_back(finding);
  }
  count_keys(keys, tally);
  return tally;
}

void print_row(const std::string& point, const Tally& tally) {
  std::printf(
      "%-44s keys at rest %2zu, elsewhere: halves %zu, base64 %zu, plaintext %zu, decimal %zu, file's key %zu\n",
      point.c_str(), tally.keys_at_rest, tally.strays[0], tally.strays[1], tally.strays[2],
      tally.strays[3], tally.strays[4]);
}

}  // namespace oskbc_test
