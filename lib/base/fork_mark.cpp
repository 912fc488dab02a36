// SPDX-License-Identifier: Apache-2.0
#include "base/fork_mark.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <utility>

namespace oskbc::core {
namespace {

std::size_t page_size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

}  // namespace

ForkMark::ForkMark() {
  void* page =
      mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  page_ = static_cast<std::uint8_t*>(page);
  // Kernels before 4.14 refuse, and leave the child the keys, too.
  madvise(page, page_size(), MADV_WIPEONFORK);
  *page_ = 1;
}

ForkMark::ForkMark(ForkMark&& other) noexcept : page_(std::exchange(other.page_, nullptr)) {}

ForkMark& ForkMark::operator=(ForkMark&& other) noexcept {
  std::swap(page_, other.page_);
  return *this;
}

ForkMark::~ForkMark() {
  if (page_ != nullptr) munmap(page_, page_size());
}

}  // namespace oskbc::core
