// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/unique_fd.h"
#include "support/catch.h"

namespace oskbc::test {

// A terminal's two sides; none where the system has no place for them, as in a new root, whose
// /dev/pts is not mounted.
class Terminal {
 public:
  Terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    if (master_.get() < 0 || ::grantpt(master_.get()) != 0) return;
    REQUIRE(::unlockpt(master_.get()) == 0);
    slave_ = core::UniqueFd(::open(::ptsname(master_.get()), O_RDWR | O_NOCTTY));
    REQUIRE(slave_.get() >= 0);
  }

  // Says so where there is none.
  [[nodiscard]] bool exists() const {
    if (slave_.get() < 0) WARN("not tried, because no terminal can be made here: see /dev/pts");
    return slave_.get() >= 0;
  }
  [[nodiscard]] int fd() const { return slave_.get(); }

 private:
  core::UniqueFd master_;
  core::UniqueFd slave_;
};

}  // namespace oskbc::test
