// SPDX-License-Identifier: Apache-2.0
// Stands in, by the linker's --wrap, for the system calls of SecretBytes: its pages come from the
// heap. Four system calls take longer than the rest of an execution, and the heap is what the
// address sanitizer watches.
#include <sys/mman.h>

#include <cstdlib>

namespace {

void* heap_pages(std::size_t size) {
  void* pages = std::calloc(1, size);
  return pages == nullptr ? MAP_FAILED : pages;
}

}  // namespace

extern "C" {
// By either name, as the size of off_t is chosen.
void* __wrap_mmap(void* /*address*/, std::size_t size, int /*access*/, int /*flags*/, int /*fd*/,
                  off_t /*offset*/) {
  return heap_pages(size);
}

void* __wrap_mmap64(void* /*address*/, std::size_t size, int /*access*/, int /*flags*/, int /*fd*/,
                    off_t /*offset*/) {
  return heap_pages(size);
}

int __wrap_munmap(void* pages, std::size_t /*size*/) {
  std::free(pages);
  return 0;
}

int __wrap_mlock(const void* /*pages*/, std::size_t /*size*/) { return 0; }

int __wrap_madvise(void* /*pages*/, std::size_t /*size*/, int /*advice*/) { return 0; }
}
