// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace oskbc::fault {

// Stands in for the system calls that liboskbc makes (the linker's --wrap, see
// meson.build). Apart from what is written here and what an Injection fails, they are the kernel's.

// Called before a call goes to the kernel, for what others do meanwhile; mount() never gets there.
struct Hooks {
  std::function<void()> on_read = {};
  std::function<void()> on_unlink = {};
  std::function<void()> on_mount = {};
  std::function<void()> on_spawn = {};
  // Every unlink() fails.
  bool refuse_unlink = false;
};

// Has the hooks called for as long as it lives.
class Hooked {
 public:
  explicit Hooked(Hooks hooks);
  ~Hooked();
  Hooked(const Hooked&) = delete;
  Hooked& operator=(const Hooked&) = delete;
};

// What SecretBytes asked for, in all.
struct Pages {
  long live = 0;
  // Blocks that went back and held anything but zeros.
  long unwiped = 0;
};
[[nodiscard]] Pages pages() noexcept;

// Regular files that were opened and found good.
[[nodiscard]] long opened_files() noexcept;
// Descriptors that this process has.
[[nodiscard]] long open_descriptors();

}  // namespace oskbc::fault
