// SPDX-License-Identifier: Apache-2.0
#include "fault/heap.h"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

#include <openssl/crypto.h>

#include "fault/fault.h"

// gcc has macros, clang a feature test.
#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define ADDRESS_SANITIZER 1
#else
#define ADDRESS_SANITIZER 0
#endif
#if ADDRESS_SANITIZER || defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
#define SANITIZER_HAS_MALLOC 1
#else
#define SANITIZER_HAS_MALLOC 0
#endif

namespace oskbc::fault {
namespace {

constinit thread_local Blocks live;

void* counted(void* block) noexcept {
  if (block != nullptr) ++live.others;
  return block;
}

void count_free(const void* block) noexcept {
  if (block != nullptr) --live.others;
}

}  // namespace

Blocks live_blocks() noexcept { return live; }

}  // namespace oskbc::fault

using oskbc::fault::count_free;
using oskbc::fault::counted;
using oskbc::fault::fails_with_errno;
using oskbc::fault::Kind;
using oskbc::fault::live;

#if SANITIZER_HAS_MALLOC

namespace {

void* real_malloc(std::size_t size) { return std::malloc(size); }
void* real_realloc(void* block, std::size_t size) { return std::realloc(block, size); }
void real_free(void* block) { std::free(block); }

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return fails_with_errno(Kind::memory, "operator new") ? nullptr : counted(real_malloc(size));
}

void* operator new(std::size_t size) {
  void* const block = operator new(size, std::nothrow);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void operator delete(void* block) noexcept {
  count_free(block);
  real_free(block);
}

void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* block, std::size_t /*size*/) noexcept { operator delete(block); }
void operator delete[](void* block) noexcept { operator delete(block); }
void operator delete[](void* block, std::size_t /*size*/) noexcept { operator delete(block); }

#else

// glibc looks for these in the program first, for its own use too.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);

void* malloc(std::size_t size) noexcept {
  return fails_with_errno(Kind::memory, "malloc") ? nullptr : counted(__libc_malloc(size));
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  return fails_with_errno(Kind::memory, "calloc") ? nullptr : counted(__libc_calloc(count, size));
}

void* realloc(void* block, std::size_t size) noexcept {
  if (block == nullptr) return malloc(size);
  if (size == 0) {
    free(block);
    return nullptr;
  }
  return fails_with_errno(Kind::memory, "realloc") ? nullptr : __libc_realloc(block, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return fails_with_errno(Kind::memory, "aligned_alloc")
             ? nullptr
             : counted(__libc_memalign(alignment, size));
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
  void* const made = aligned_alloc(alignment, size);
  if (made == nullptr) return ENOMEM;
  *block = made;
  return 0;
}

void free(void* block) noexcept {
  count_free(block);
  __libc_free(block);
}
}

namespace {

void* real_malloc(std::size_t size) { return __libc_malloc(size); }
void* real_realloc(void* block, std::size_t size) { return __libc_realloc(block, size); }
void real_free(void* block) { __libc_free(block); }

}  // namespace

#endif

namespace {

void* openssl_malloc(std::size_t size, const char* /*file*/, int /*line*/) {
  if (fails_with_errno(Kind::memory, "CRYPTO_malloc")) return nullptr;
  void* const block = real_malloc(size);
  if (block == nullptr) return nullptr;
  ++live.openssl;
#if ADDRESS_SANITIZER
  // What OpenSSL loses is counted here and judged by who sweeps.
  __lsan_ignore_object(block);
#endif
  return block;
}

void* openssl_realloc(void* block, std::size_t size, const char* file, int line) {
  if (block == nullptr) return openssl_malloc(size, file, line);
  return fails_with_errno(Kind::memory, "CRYPTO_realloc") ? nullptr : real_realloc(block, size);
}

void openssl_free(void* block, const char* /*file*/, int /*line*/) {
  if (block != nullptr) --live.openssl;
  real_free(block);
}

// Has to come before OpenSSL's first allocation.
[[maybe_unused]] const bool openssl_is_watched = [] {
  if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1) std::abort();
  return true;
}();

}  // namespace
