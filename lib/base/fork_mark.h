// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace oskbc::core {

// Tells a child of fork() from the process that made the mark, without a system call: the kernel
// gives the child a page of zeros, as it does for SecretBytes. Moves only.
class ForkMark {
 public:
  // Throws std::bad_alloc.
  ForkMark();
  ForkMark(ForkMark&& other) noexcept;
  ForkMark& operator=(ForkMark&& other) noexcept;
  ForkMark(const ForkMark&) = delete;
  ForkMark& operator=(const ForkMark&) = delete;
  ~ForkMark();

  [[nodiscard]] bool in_child() const noexcept { return page_ != nullptr && *page_ == 0; }

 private:
  std::uint8_t* page_ = nullptr;
};

}  // namespace oskbc::core
