// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace oskbc::core {

// Overwrites with zeros in a way that the compiler keeps.
void wipe(ByteSpan bytes) noexcept;
void wipe(void* data, std::size_t size) noexcept;

// What the system granted to keep secrets where they are.
struct Protection {
  bool locked = false;    // never written to swap
  bool undumped = false;  // left out of core dumps
  bool unforked = false;  // zeros in a child of fork()
};

// The only holder of secrets: whole pages of its own, protected where the system allows it, wiped
// before they go back. Moves only; what was moved from is empty. There is
// no operator<<, no conversion and no copy; raw access has names that can be searched for.
class SecretBytes {
 public:
  SecretBytes() noexcept = default;
  explicit SecretBytes(std::size_t size);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bool locked() const noexcept { return protection_.locked; }
  [[nodiscard]] const Protection& protection() const noexcept { return protection_; }

  [[nodiscard]] ByteView expose() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::string_view expose_text() const noexcept { return as_text(expose()); }
  [[nodiscard]] ByteSpan expose_writable() noexcept { return {data_, size_}; }

  // Growing copies to new pages and wipes the old ones; shrinking wipes the tail.
  void resize(std::size_t size);

  // Has up to so many pages, once wiped, kept as they are protected for what fits into one, instead
  // of going back to the system: for a server that makes and drops many secrets a second, each of
  // which costs five system calls. Nothing is kept by default.
  static void keep_pages(std::size_t most) noexcept;

 private:
  void map(std::size_t capacity);
  void release() noexcept;
  void take(SecretBytes& other) noexcept;

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  Protection protection_;
};

}  // namespace oskbc::core
