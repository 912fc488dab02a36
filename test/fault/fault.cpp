// SPDX-License-Identifier: Apache-2.0
#include "fault/fault.h"

#include <utility>

namespace oskbc::fault {
namespace {

struct State {
  bool on;
  Fault fault;
  long calls;
  const char* failed;
};

// Without a constructor, because malloc() comes here before any could have run.
constinit thread_local State injected{false, {}, 0, ""};

}  // namespace

Injection::Injection(const Fault& fault) noexcept { injected = {true, fault, 0, ""}; }
Injection::~Injection() { injected.on = false; }

bool Injection::happened() const noexcept { return injected.calls >= injected.fault.number; }
const char* Injection::call() const noexcept { return injected.failed; }

Pause::Pause() noexcept : was_on_(std::exchange(injected.on, false)) {}
Pause::~Pause() { injected.on = was_on_; }

bool fails(Kind kind, const char* call) noexcept {
  if (!injected.on || kind != injected.fault.kind) return false;
  ++injected.calls;
  const bool failing = injected.fault.lasting ? injected.calls >= injected.fault.number
                                              : injected.calls == injected.fault.number;
  if (failing && *injected.failed == '\0') injected.failed = call;
  return failing;
}

bool fails_with_errno(Kind kind, const char* call) noexcept {
  const bool failing = fails(kind, call);
  if (failing) errno = injected.fault.error;
  return failing;
}

}  // namespace oskbc::fault
