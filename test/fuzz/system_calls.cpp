// SPDX-License-Identifier: Apache-2.0
#include "fuzz/system_calls.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

#include <openssl/provider.h>

// Stands in, by the linker's --wrap, for what the library calls: lets it fail, and takes the pages
// of SecretBytes from the heap. Four system calls for each take longer than the rest of an
// execution, and the heap is what the address sanitizer watches.

namespace oskbc::fuzz {
namespace {

unsigned calls_left = 0;
bool failed = false;

bool fails(int error) noexcept {
  if (calls_left == 0 || --calls_left != 0) return false;
  failed = true;
  errno = error;
  return true;
}

void* pages(std::size_t size) noexcept {
  void* pages = fails(ENOMEM) ? nullptr : std::calloc(1, size);
  return pages == nullptr ? MAP_FAILED : pages;
}

}  // namespace

Fault::Fault(unsigned number) noexcept {
  calls_left = number;
  failed = false;
}
Fault::~Fault() { calls_left = 0; }

bool Fault::happened() const noexcept { return failed; }

}  // namespace oskbc::fuzz

using oskbc::fuzz::fails;
using oskbc::fuzz::pages;

extern "C" {
void* __real__Znwm(std::size_t size);
ssize_t __real_read(int fd, void* out, std::size_t size);
int __real_unlink(const char* path);
OSSL_LIB_CTX* __real_OSSL_LIB_CTX_new();
OSSL_PROVIDER* __real_OSSL_PROVIDER_load(OSSL_LIB_CTX* library, const char* name);

// operator new(std::size_t)
void* __wrap__Znwm(std::size_t size) {
  if (fails(ENOMEM)) throw std::bad_alloc();
  return __real__Znwm(size);
}

// By either name, as the size of off_t is chosen.
void* __wrap_mmap(void* /*address*/, std::size_t size, int /*access*/, int /*flags*/, int /*fd*/,
                  off_t /*offset*/) {
  return pages(size);
}

void* __wrap_mmap64(void* /*address*/, std::size_t size, int /*access*/, int /*flags*/, int /*fd*/,
                    off_t /*offset*/) {
  return pages(size);
}

int __wrap_munmap(void* pages, std::size_t /*size*/) {
  std::free(pages);
  return 0;
}

int __wrap_mlock(const void* /*pages*/, std::size_t /*size*/) { return 0; }

int __wrap_madvise(void* /*pages*/, std::size_t /*size*/, int /*advice*/) { return 0; }

ssize_t __wrap_read(int fd, void* out, std::size_t size) {
  return fails(EIO) ? -1 : __real_read(fd, out, size);
}

int __wrap_unlink(const char* path) { return fails(EROFS) ? -1 : __real_unlink(path); }

OSSL_LIB_CTX* __wrap_OSSL_LIB_CTX_new() {
  return fails(ENOMEM) ? nullptr : __real_OSSL_LIB_CTX_new();
}

OSSL_PROVIDER* __wrap_OSSL_PROVIDER_load(OSSL_LIB_CTX* library, const char* name) {
  return fails(ENOMEM) ? nullptr : __real_OSSL_PROVIDER_load(library, name);
}
}
