// SPDX-License-Identifier: Apache-2.0
#include "base/secret_bytes.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <utility>

#include <openssl/crypto.h>

namespace oskbc::core {
namespace {

std::size_t whole_pages(std::size_t size) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  if (size > std::numeric_limits<std::size_t>::max() - page) throw std::bad_alloc();
  return (size + page - 1) / page * page;
}

// What is kept, where pages are of that size, as x86-64's are. The system is not asked: it could
// fail to tell while a secret goes.
constexpr std::size_t kKeptCapacity = 4096;

// Pages that secrets had, wiped. Nothing of it has to be destroyed, so that secrets may go at any
// time.
class KeptPages {
 public:
  struct Page {
    std::uint8_t* data = nullptr;
    Protection protection;
  };

  void keep(std::size_t most) noexcept {
    const std::lock_guard lock(mutex_);
    most_ = std::min(most, pages_.size());
    while (count_ > most_) munmap(pages_[--count_].data, kKeptCapacity);
  }
  [[nodiscard]] bool put(const Page& page) noexcept {
    if (most_ == 0) return false;
    const std::lock_guard lock(mutex_);
    if (count_ >= most_) return false;
    pages_[count_++] = page;
    return true;
  }
  // Without data if there is none.
  [[nodiscard]] Page take() noexcept {
    if (most_ == 0) return {};
    const std::lock_guard lock(mutex_);
    return count_ == 0 ? Page() : pages_[--count_];
  }

 private:
  std::mutex mutex_;
  std::atomic<std::size_t> most_ = 0;
  std::size_t count_ = 0;
  std::array<Page, 256> pages_;
};

KeptPages& kept_pages() noexcept {
  static KeptPages pages;
  return pages;
}

}  // namespace

void SecretBytes::keep_pages(std::size_t most) noexcept { kept_pages().keep(most); }

void wipe(void* data, std::size_t size) noexcept {
  if (data != nullptr) OPENSSL_cleanse(data, size);
}

void wipe(ByteSpan bytes) noexcept { wipe(bytes.data(), bytes.size()); }

SecretBytes::SecretBytes(std::size_t size) {
  if (size == 0) return;
  const std::size_t capacity = whole_pages(size);
  if (capacity == kKeptCapacity) {
    const KeptPages::Page page = kept_pages().take();
    data_ = page.data;
    protection_ = page.protection;
  }
  if (data_ == nullptr) map(capacity);
  size_ = size;
  capacity_ = capacity;
}

void SecretBytes::map(std::size_t capacity) {
  void* pages = mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  // All are best effort: a small RLIMIT_MEMLOCK must not keep a guest from its keys. Who wants it
  // to asks for the protection.
  protection_ = {.locked = mlock(pages, capacity) == 0,
                 .undumped = madvise(pages, capacity, MADV_DONTDUMP) == 0,
                 .unforked = madvise(pages, capacity, MADV_WIPEONFORK) == 0};
  data_ = static_cast<std::uint8_t*>(pages);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept { take(other); }

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    release();
    take(other);
  }
  return *this;
}

SecretBytes::~SecretBytes() { release(); }

void SecretBytes::resize(std::size_t size) {
  if (size > capacity_) {
    SecretBytes larger(size);
    if (size_ != 0) std::memcpy(larger.data_, data_, size_);
    *this = std::move(larger);
  } else if (size < size_) {
    wipe(data_ + size, size_ - size);
  }
  size_ = size;
}

void SecretBytes::release() noexcept {
  if (data_ == nullptr) return;
  wipe(data_, capacity_);
  if (capacity_ != kKeptCapacity || !kept_pages().put({data_, protection_})) {
    munmap(data_, capacity_);
  }
  data_ = nullptr;
  size_ = capacity_ = 0;
  protection_ = {};
}

void SecretBytes::take(SecretBytes& other) noexcept {
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  protection_ = std::exchange(other.protection_, {});
}

}  // namespace oskbc::core
