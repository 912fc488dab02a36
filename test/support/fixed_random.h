// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <initializer_list>
#include <stdexcept>

#include "base/bytes.h"
#include "owner/crypto/random.h"

namespace oskbc::test {

// Gives out known bytes, in their order, and no others.
class FixedRandom final : public owner::Random {
 public:
  FixedRandom(std::initializer_list<core::Bytes> parts) {
    for (const core::Bytes& part : parts) bytes_.insert(bytes_.end(), part.begin(), part.end());
  }

  void fill(core::ByteSpan out) override {
    if (out.size() > bytes_.size() - used_) throw std::logic_error("no more known random bytes");
    const core::ByteView next = core::ByteView(bytes_).subspan(used_, out.size());
    std::ranges::copy(next, out.begin());
    used_ += out.size();
  }

  [[nodiscard]] bool all_used() const noexcept { return used_ == bytes_.size(); }

 private:
  core::Bytes bytes_;
  std::size_t used_ = 0;
};

}  // namespace oskbc::test
