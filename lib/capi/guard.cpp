// SPDX-License-Identifier: Apache-2.0
#include "capi/guard.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::core {
namespace {

static_assert(to_c(Status::ok) == OSKBC_OK);
static_assert(to_c(Status::argument) == OSKBC_E_ARGUMENT);
static_assert(to_c(Status::buffer) == OSKBC_E_BUFFER);
static_assert(to_c(Status::params) == OSKBC_E_PARAMS);
static_assert(to_c(Status::no_secret) == OSKBC_E_NO_SECRET);
static_assert(to_c(Status::io) == OSKBC_E_IO);
static_assert(to_c(Status::wipe) == OSKBC_E_WIPE);
static_assert(to_c(Status::keyset) == OSKBC_E_KEYSET);
static_assert(to_c(Status::packet) == OSKBC_E_PACKET);
static_assert(to_c(Status::request) == OSKBC_E_REQUEST);
static_assert(to_c(Status::unknown_key) == OSKBC_E_UNKNOWN_KEY);
static_assert(to_c(Status::unsupported) == OSKBC_E_UNSUPPORTED);
static_assert(to_c(Status::decrypt) == OSKBC_E_DECRYPT);
static_assert(to_c(Status::no_memory) == OSKBC_E_NO_MEMORY);
static_assert(to_c(Status::internal) == OSKBC_E_INTERNAL);
static_assert(to_c(Status::no_keyset_file) == OSKBC_E_NO_KEYSET_FILE);
static_assert(to_c(Status::keyset_file_key) == OSKBC_E_KEYSET_FILE_KEY);
static_assert(to_c(Status::keyset_file_altered) == OSKBC_E_KEYSET_FILE_ALTERED);
static_assert(to_c(Status::keyset_file_old) == OSKBC_E_KEYSET_FILE_OLD);

using Message = std::array<char, Error::kTextSize>;
// So that a thread's last call may come after its other thread-local objects are gone.
static_assert(std::is_trivially_destructible_v<Message>);

Message& last_error() noexcept {
  thread_local Message message;
  return message;
}

}  // namespace

void set_last_error(std::string_view text) noexcept {
  Message& message = last_error();
  const std::size_t length = std::min(text.size(), message.size() - 1);
  text.copy(message.data(), length);
  message[length] = '\0';
}

}  // namespace oskbc::core

const char* oskbc_last_error() { return oskbc::core::last_error().data(); }

const char* oskbc_strerror(oskbc_status status) {
  return oskbc::core::describe(static_cast<oskbc::core::Status>(status));
}
