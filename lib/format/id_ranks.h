// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace oskbc::core {

// Numbers that have the order of ids' bytes: the eight bytes after what all ids of a set start
// with, because most ids differ there, and numbers are quick to compare. Where two are equal the
// ids decide. With the ids alone, which is the plain way, loading 48 keys takes a seventh more
// instructions, loading 1000 a third, and an unwrap a fifteenth (gcc 12, -O2).
class IdRanks {
 public:
  // Tells of an id of the set: of all of them, before the first rank is asked for. The first one
  // has to stay where it is.
  void add(std::string_view id) noexcept {
    if (!prefix_) prefix_ = id;
    if (id.starts_with(*prefix_)) return;
    const auto* end = std::mismatch(prefix_->begin(), prefix_->end(), id.begin(), id.end()).first;
    prefix_ = std::string_view(prefix_->begin(), end);
  }

  // Whether the id starts as all of them do; otherwise it is none of them, and has no rank.
  [[nodiscard]] bool may_have(std::string_view id) const noexcept {
    return prefix_ && id.starts_with(*prefix_);
  }

  // Ids hold no NUL, so that one which ends comes first.
  [[nodiscard]] std::uint64_t rank(std::string_view id) const noexcept {
    const std::string_view rest = id.substr(prefix_->size());
    std::uint64_t rank = 0;
    for (std::size_t i = 0; i < sizeof rank; ++i) {
      rank = rank << 8 | (i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0U);
    }
    return rank;
  }

 private:
  std::optional<std::string_view> prefix_;  // of all ids
};

}  // namespace oskbc::core
