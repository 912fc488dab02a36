// SPDX-License-Identifier: Apache-2.0
#include "base/secret_bytes.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <new>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/catch.h"

namespace oskbc::secret_bytes_test {

using core::ByteView;
using core::SecretBytes;

namespace {

bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

// What goes back to the system, and whether it was wiped by then.
struct Release {
  const void* pages;
  std::size_t size;
  bool was_zero;
};

struct Watch {
  bool on = false;
  bool refuse_lock = false;
  std::vector<Release> releases;
  std::vector<int> advices;
};

Watch watch;

// Watches what the code under test asks of the system, for as long as it lives.
class Watching {
 public:
  Watching() {
    watch = {};
    watch.on = true;
  }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;
  ~Watching() { watch = {}; }
};

}  // namespace

// The linker puts these in place of the system's (--wrap, see meson.build): freed pages can't
// be looked at, so they are looked at just before.
extern "C" {
int __real_munmap(void* pages, std::size_t size);
int __real_mlock(const void* pages, std::size_t size);
int __real_madvise(void* pages, std::size_t size, int advice);

int __wrap_munmap(void* pages, std::size_t size);
int __wrap_munmap(void* pages, std::size_t size) {
  if (watch.on) {
    const ByteView bytes(static_cast<const std::uint8_t*>(pages), size);
    watch.releases.push_back({pages, size, all_zero(bytes)});
  }
  return __real_munmap(pages, size);
}

int __wrap_mlock(const void* pages, std::size_t size);
int __wrap_mlock(const void* pages, std::size_t size) {
  return watch.refuse_lock ? -1 : __real_mlock(pages, size);
}

int __wrap_madvise(void* pages, std::size_t size, int advice);
int __wrap_madvise(void* pages, std::size_t size, int advice) {
  if (watch.on) watch.advices.push_back(advice);
  return __real_madvise(pages, size, advice);
}
}

namespace {

SecretBytes filled(std::size_t size, std::uint8_t byte = 0xa5) {
  SecretBytes bytes(size);
  std::memset(bytes.expose_writable().data(), byte, size);
  return bytes;
}

bool holds(const SecretBytes& bytes, std::size_t size, std::uint8_t byte = 0xa5) {
  const ByteView view = bytes.expose();
  return view.size() == size &&
         std::all_of(view.begin(), view.end(), [byte](std::uint8_t b) { return b == byte; });
}

}  // namespace

TEST_CASE("secrets move and are never copied, compared or printed") {
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<SecretBytes>);
  STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<SecretBytes>);
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<SecretBytes>);
  STATIC_REQUIRE(std::is_nothrow_move_assignable_v<SecretBytes>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<SecretBytes, ByteView>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<SecretBytes, std::string_view>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::size_t, SecretBytes>);
}

TEST_CASE("without a size there is no memory") {
  const SecretBytes none;
  CHECK(none.empty());
  CHECK(none.expose().empty());
  CHECK(none.expose_text().empty());
  CHECK_FALSE(none.locked());
  const SecretBytes zero(0);
  CHECK(zero.empty());
  CHECK_FALSE(zero.locked());
}

TEST_CASE("new secret bytes are zeros and can be written and read") {
  SecretBytes bytes(5);
  CHECK(bytes.size() == 5);
  CHECK_FALSE(bytes.empty());
  CHECK(all_zero(bytes.expose()));
  std::memcpy(bytes.expose_writable().data(), "hello", 5);
  CHECK(bytes.expose_text() == "hello");
}

TEST_CASE("a size that no memory has is refused") {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  CHECK_THROWS_AS(SecretBytes(kMost), std::bad_alloc);
  CHECK_THROWS_AS(SecretBytes(kMost - 4096), std::bad_alloc);
  CHECK_THROWS_AS(SecretBytes(kMost / 2), std::bad_alloc);
  SecretBytes bytes = filled(3);
  CHECK_THROWS_AS(bytes.resize(kMost), std::bad_alloc);
  CHECK(holds(bytes, 3));
}

TEST_CASE("the pages are zero when they go back to the system") {
  const Watching watching;
  for (const std::size_t size : {1U, 32U, 4095U, 4096U, 4097U, 100000U}) {
    watch.releases.clear();
    const void* pages = nullptr;
    {
      const SecretBytes bytes = filled(size);
      pages = bytes.expose().data();
    }
    REQUIRE(watch.releases.size() == 1);
    CHECK(watch.releases[0].pages == pages);
    CHECK(watch.releases[0].size >= size);
    CHECK(watch.releases[0].was_zero);
  }
}

TEST_CASE("what was cut off is wiped too when the pages go back") {
  const Watching watching;
  {
    SecretBytes bytes = filled(64);
    bytes.resize(1);
  }
  REQUIRE(watch.releases.size() == 1);
  CHECK(watch.releases[0].was_zero);
}

TEST_CASE("shrinking wipes the tail at once and stays where it is") {
  SecretBytes bytes = filled(64);
  const std::uint8_t* start = bytes.expose().data();
  bytes.resize(10);
  CHECK(holds(bytes, 10));
  CHECK(bytes.expose().data() == start);
  // Still its own page, so it may be read.
  CHECK(all_zero(ByteView(start + 10, 54)));
  bytes.resize(64);
  CHECK(all_zero(bytes.expose().subspan(10)));
  bytes.resize(0);
  CHECK(bytes.empty());
  CHECK(all_zero(ByteView(start, 64)));
}

TEST_CASE("growing keeps the content, zeroes the rest and wipes the old pages") {
  const Watching watching;
  SecretBytes bytes = filled(4000);
  const void* old_pages = bytes.expose().data();
  bytes.resize(10000);
  REQUIRE(watch.releases.size() == 1);
  CHECK(watch.releases[0].pages == old_pages);
  CHECK(watch.releases[0].was_zero);
  CHECK(bytes.size() == 10000);
  CHECK(std::count(bytes.expose().begin(), bytes.expose().end(), 0xa5) == 4000);
  CHECK(all_zero(bytes.expose().subspan(4000)));
}

TEST_CASE("growing inside the pages moves nothing") {
  const Watching watching;
  SecretBytes bytes = filled(1);
  const std::uint8_t* start = bytes.expose().data();
  bytes.resize(4096);
  CHECK(bytes.expose().data() == start);
  CHECK(watch.releases.empty());
  CHECK(bytes.expose()[0] == 0xa5);
  CHECK(all_zero(bytes.expose().subspan(1)));
}

TEST_CASE("growing from nothing gives zeros") {
  SecretBytes bytes;
  bytes.resize(7);
  CHECK(bytes.size() == 7);
  CHECK(all_zero(bytes.expose()));
}

TEST_CASE("moving hands the pages over and leaves nothing") {
  SecretBytes from = filled(32);
  const std::uint8_t* start = from.expose().data();
  const bool was_locked = from.locked();
  const SecretBytes to = std::move(from);
  CHECK(to.expose().data() == start);
  CHECK(holds(to, 32));
  CHECK(to.locked() == was_locked);
  // A moved-from object has a defined state here: empty.
  CHECK(from.empty());  // NOLINT(bugprone-use-after-move)
  CHECK(from.expose().data() == nullptr);
  CHECK_FALSE(from.locked());
}

TEST_CASE("a moved-from object can be used again") {
  SecretBytes from = filled(32);
  const SecretBytes to = std::move(from);
  from.resize(8);  // NOLINT(bugprone-use-after-move)
  CHECK(from.size() == 8);
  CHECK(all_zero(from.expose()));
  CHECK(holds(to, 32));
}

TEST_CASE("moving over a secret wipes the one that was there") {
  const Watching watching;
  SecretBytes to = filled(32, 0x11);
  const void* old_pages = to.expose().data();
  to = filled(16, 0x22);
  REQUIRE(watch.releases.size() == 1);
  CHECK(watch.releases[0].pages == old_pages);
  CHECK(watch.releases[0].was_zero);
  CHECK(holds(to, 16, 0x22));
  to = SecretBytes();
  CHECK(watch.releases.size() == 2);
  CHECK(to.empty());
}

TEST_CASE("moving a secret onto itself changes nothing") {
  SecretBytes bytes = filled(32);
  SecretBytes& same = bytes;
  bytes = std::move(same);
  CHECK(holds(bytes, 32));
}

TEST_CASE("the pages stay out of core dumps and of children") {
  const Watching watching;
  const SecretBytes bytes(1);
  CHECK(watch.advices == std::vector<int>{MADV_DONTDUMP, MADV_WIPEONFORK});
}

TEST_CASE("what the system granted goes with the pages") {
  SecretBytes from(1);
  CHECK(from.protection().undumped);
  const bool unforked = from.protection().unforked;
  const SecretBytes to = std::move(from);
  CHECK(to.protection().undumped);
  CHECK(to.protection().unforked == unforked);
  CHECK_FALSE(from.protection().undumped);  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("memory that can't be locked still holds secrets, and says so") {
  const Watching watching;
  watch.refuse_lock = true;
  {
    SecretBytes bytes = filled(32);
    CHECK_FALSE(bytes.locked());
    bytes.resize(5000);
    CHECK_FALSE(bytes.locked());
    CHECK(bytes.expose()[31] == 0xa5);
  }
  REQUIRE(watch.releases.size() == 2);
  CHECK(watch.releases[0].was_zero);
  CHECK(watch.releases[1].was_zero);
}

TEST_CASE("pages that are kept were wiped, keep their protection, and are used again") {
  const Watching watching;
  SecretBytes::keep_pages(2);
  const void* pages = nullptr;
  bool locked = false;
  {
    const SecretBytes bytes = filled(4096);
    pages = bytes.expose().data();
    locked = bytes.locked();
  }
  CHECK(watch.releases.empty());
  watch.advices.clear();
  const SecretBytes again(32);
  CHECK(again.expose().data() == pages);
  CHECK(again.locked() == locked);
  CHECK(again.protection().undumped);
  CHECK(holds(again, 32, 0));
  CHECK(watch.advices.empty());
  SecretBytes::keep_pages(0);
}

TEST_CASE("not more pages are kept than may be, none of several, and in the end none") {
  const Watching watching;
  SecretBytes::keep_pages(2);
  {
    std::vector<SecretBytes> many;
    for (int i = 0; i < 5; ++i) many.push_back(filled(32));
    many.push_back(filled(5000));
  }
  CHECK(watch.releases.size() == 4);
  SecretBytes::keep_pages(0);
  CHECK(watch.releases.size() == 6);
  for (const Release& release : watch.releases) CHECK(release.was_zero);
  filled(32);
  CHECK(watch.releases.size() == 7);
}

TEST_CASE("threads share the pages that are kept") {
  SecretBytes::keep_pages(4);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (std::uint8_t number = 1; number <= 4; ++number) {
    threads.emplace_back([number, &wrong] {
      for (int i = 0; i < 500; ++i) {
        if (!holds(SecretBytes(32), 32, 0) || !holds(filled(32, number), 32, number)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  SecretBytes::keep_pages(0);
  CHECK(wrong == 0);
}

TEST_CASE("wiping takes any memory, and none") {
  std::vector<std::uint8_t> bytes(40, 0xa5);
  core::wipe(core::ByteSpan(bytes).subspan(1, 38));
  CHECK(bytes.front() == 0xa5);
  CHECK(bytes.back() == 0xa5);
  CHECK(all_zero(ByteView(bytes).subspan(1, 38)));
  core::wipe(bytes.data(), bytes.size());
  CHECK(all_zero(bytes));
  core::wipe(core::ByteSpan());
  core::wipe(nullptr, 0);
}

}  // namespace oskbc::secret_bytes_test
