// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "base/secret_bytes.h"

namespace oskbc::owner {

// Text that holds secrets and grows: std::string would leave copies behind.
class SecretText {
 public:
  void append(std::string_view text) {
    if (text.size() > bytes_.size() - used_) bytes_.resize(2 * (used_ + text.size()));
    const core::ByteView from = core::as_bytes(text);
    std::copy(from.begin(), from.end(), bytes_.expose_writable().subspan(used_).begin());
    used_ += text.size();
  }

  [[nodiscard]] core::SecretBytes take() {
    bytes_.resize(used_);
    used_ = 0;
    return std::move(bytes_);
  }

 private:
  core::SecretBytes bytes_;
  std::size_t used_ = 0;
};

}  // namespace oskbc::owner
