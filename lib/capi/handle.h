// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "base/status.h"
#include "client/client.h"
#include "oskbc/oskbc.h"

// The opaque objects: a tag, so that an object of another type is noticed, and what they stand for.
struct oskbc_client {
  static constexpr std::uint32_t kTag = 0x6f6b6331;
  static constexpr const char* kName = "client";
  std::uint32_t tag = kTag;
  oskbc::core::Client object;
};

struct oskbc_options {
  static constexpr std::uint32_t kTag = 0x6f6b6f31;
  static constexpr const char* kName = "options";
  std::uint32_t tag = kTag;
  oskbc::core::ClientOptions object;
};

namespace oskbc::core {

template <typename T>
T& not_null(T* pointer, const char* name) {
  if (pointer == nullptr) fail(Status::argument, "%s is NULL", name);
  return *pointer;
}

template <typename Handle>
auto& object_of(Handle* handle) {
  if (not_null(handle, Handle::kName).tag != Handle::kTag) {
    fail(Status::argument, "%s is an object of another type, or was released", Handle::kName);
  }
  return handle->object;
}

// Releases what the address holds. An object of another type is left alone: better a leak than a
// crash.
template <typename Handle>
void release(Handle** handle) noexcept {
  if (handle == nullptr || *handle == nullptr) return;
  Handle* held = std::exchange(*handle, nullptr);
  if (held->tag != Handle::kTag) return;
  held->tag = 0;
  delete held;
}

}  // namespace oskbc::core
