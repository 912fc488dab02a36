// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/error.h"
#include "base/secret_bytes.h"
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

// What callers hand in: pointers, objects and buffers.
namespace oskbc::core {

// The pointer itself, for an argument that has to be there.
template <typename T>
T* required(T* pointer, const char* name) {
  if (pointer == nullptr) fail(Status::argument, "%s is NULL", name);
  return pointer;
}

template <typename Handle>
auto& object_of(Handle* handle) {
  if (required(handle, Handle::kName)->tag != Handle::kTag) {
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

// The only writer to callers' buffers. Asks for `needed` bytes and lets `write`, which takes a
// ByteSpan of that length and returns how much of it is used, fill them. Where it throws, or uses
// less, the rest is wiped.
template <typename Write>
[[nodiscard]] Failure produce(void* out, std::size_t& length, std::size_t needed, Write write) {
  if (out == nullptr || length < needed) {
    length = needed;
    return make_error_around(Status::buffer, "the output needs ", needed, " bytes");
  }
  const ByteSpan destination(static_cast<std::uint8_t*>(out), needed);
  std::size_t used = 0;
  try {
    used = write(destination);
  } catch (...) {
    wipe(destination);
    throw;
  }
  wipe(destination.subspan(used));
  length = used;
  return std::nullopt;
}

}  // namespace oskbc::core
