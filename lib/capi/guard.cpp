// SPDX-License-Identifier: Apache-2.0
#include "capi/guard.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

namespace oskbc::core {
namespace {

using Message = std::array<char, Error::kTextSize>;
// So that a thread's last call may come after its other thread-local objects are gone.
static_assert(std::is_trivially_destructible_v<Message>);

Message& last_error() noexcept {
  thread_local Message message;
  return message;
}

}  // namespace

void set_last_error(const char* text) noexcept {
  Message& message = last_error();
  const std::size_t length = std::min(std::strlen(text), message.size() - 1);
  std::memcpy(message.data(), text, length);
  message[length] = '\0';
}

}  // namespace oskbc::core

const char* oskbc_last_error() { return oskbc::core::last_error().data(); }
