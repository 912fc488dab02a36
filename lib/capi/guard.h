// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <new>
#include <string_view>
#include <type_traits>

#include "base/error.h"
#include "oskbc/oskbc.h"

namespace oskbc::core {

[[nodiscard]] constexpr oskbc_status to_c(Status status) noexcept {
  return static_cast<oskbc_status>(status);
}

// This thread's message for oskbc_last_error(). Cut where it is too long.
void set_last_error(std::string_view text) noexcept;

// Leaves the Error's message to this thread.
inline oskbc_status report(const Error& error) noexcept {
  set_last_error(error.what());
  return to_c(error.status());
}

// The one place where exceptions end. Runs `body`, which may return a Failure, and turns that and
// what it throws into a status and this thread's message. The text of a foreign exception is never
// used: it might hold input.
template <typename Body>
oskbc_status guarded(Body body) noexcept {
  try {
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
    } else if (const Failure failure = body()) {
      return report(*failure);
    }
    set_last_error("");
    return OSKBC_OK;
  } catch (const Error& error) {
    return report(error);
  } catch (const std::bad_alloc&) {
    set_last_error("out of memory");
    return OSKBC_E_NO_MEMORY;
  } catch (...) {
    set_last_error("an unexpected exception inside liboskbc; please report it");
    return OSKBC_E_INTERNAL;
  }
}

}  // namespace oskbc::core
