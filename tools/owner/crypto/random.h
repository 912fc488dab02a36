// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"

namespace oskbc::owner {

// Where nonces, IVs and keys come from: a seam, so that tests can have known answers.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  virtual void fill(core::ByteSpan out) = 0;
};

// OpenSSL's generator for private values.
class SystemRandom final : public Random {
 public:
  void fill(core::ByteSpan out) override;
};

}  // namespace oskbc::owner
