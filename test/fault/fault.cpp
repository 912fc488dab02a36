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
constinit thread_local State state{false, {}, 0, ""};

}  // namespace

Injection::Injection(const Fault& fault) noexcept { state = {true, fault, 0, ""}; }
Injection::~Injection() { state.on = false; }

bool Injection::happened() const noexcept { return state.calls >= state.fault.number; }
const char* Injection::call() const noexcept { return state.failed; }

Pause::Pause() noexcept : was_on_(std::exchange(state.on, false)) {}
Pause::~Pause() { state.on = was_on_; }

bool fails(Kind kind, const char* call) noexcept {
  if (!state.on || kind != state.fault.kind) return false;
  ++state.calls;
  const bool failing =
      state.fault.lasting ? state.calls >= state.fault.number : state.calls == state.fault.number;
  if (failing && *state.failed == '\0') state.failed = call;
  return failing;
}

bool fails_with_errno(Kind kind, const char* call) noexcept {
  const bool failing = fails(kind, call);
  if (failing) errno = state.fault.error;
  return failing;
}

}  // namespace oskbc::fault
