// SPDX-License-Identifier: Apache-2.0
#include "base/fork_mark.h"

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <utility>

namespace oskbc::core {
namespace {

// The kernel takes whole pages for it.
constexpr std::size_t kSize = 1;

}  // namespace

ForkMark::ForkMark() {
  void* page = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  page_ = static_cast<std::uint8_t*>(page);
  // Kernels before 4.14 refuse, and leave the child the keys, too.
  madvise(page, kSize, MADV_WIPEONFORK);
  *page_ = 1;
}

ForkMark::ForkMark(ForkMark&& other) noexcept : page_(std::exchange(other.page_, nullptr)) {}

ForkMark& ForkMark::operator=(ForkMark&& other) noexcept {
  std::swap(page_, other.page_);
  return *this;
}

// As with all pages here: nothing is in them when they go back.
ForkMark::~ForkMark() {
  if (page_ == nullptr) return;
  *page_ = 0;
  munmap(page_, kSize);
}

}  // namespace oskbc::core
