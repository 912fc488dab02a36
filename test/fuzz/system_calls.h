// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace oskbc::fuzz {

// While it lives, the n-th of the calls that system_calls.cpp can let fail does, counted from 1; 0
// is none. One call of each sequence at most, because test/fault/ goes through all of them.
class Fault {
 public:
  explicit Fault(unsigned number) noexcept;
  ~Fault();
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;

  [[nodiscard]] bool happened() const noexcept;
};

}  // namespace oskbc::fuzz
