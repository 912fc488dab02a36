// SPDX-License-Identifier: Apache-2.0
#include "base/unique_fd.h"

#include <fcntl.h>

#include <type_traits>
#include <utility>

#include "support/catch.h"

namespace oskbc::unique_fd_test {

using core::UniqueFd;

namespace {

int open_something() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

}  // namespace

TEST_CASE("a descriptor is closed at the end of its scope") {
  int number = -1;
  {
    const UniqueFd fd(open_something());
    number = fd.get();
    REQUIRE(number >= 0);
    CHECK(is_open(number));
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("descriptors move and are never copied") {
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<UniqueFd>);
  STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<UniqueFd>);
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<UniqueFd>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<int, UniqueFd>);
}

TEST_CASE("moving a descriptor keeps it open, in one place") {
  UniqueFd from(open_something());
  const int number = from.get();
  const UniqueFd to(std::move(from));
  CHECK(to.get() == number);
  CHECK(from.get() == -1);  // NOLINT(bugprone-use-after-move)
  CHECK(is_open(number));
}

TEST_CASE("moving over a descriptor closes the one that was there") {
  UniqueFd to(open_something());
  UniqueFd from(open_something());
  const int first = to.get();
  const int second = from.get();
  to = std::move(from);
  CHECK_FALSE(is_open(first));
  CHECK(is_open(second));
  CHECK(to.get() == second);
}

TEST_CASE("moving a descriptor onto itself keeps it open") {
  UniqueFd fd(open_something());
  const int number = fd.get();
  UniqueFd& same = fd;
  fd = std::move(same);
  CHECK(fd.get() == number);
  CHECK(is_open(number));
}

TEST_CASE("a released descriptor stays open for its new owner") {
  UniqueFd fd(open_something());
  const int number = fd.release();
  CHECK(fd.get() == -1);
  fd.reset();
  CHECK(is_open(number));
  CHECK(::close(number) == 0);
}

TEST_CASE("resetting closes, and twice is fine") {
  UniqueFd fd(open_something());
  const int number = fd.get();
  fd.reset();
  CHECK_FALSE(is_open(number));
  CHECK(fd.get() == -1);
  fd.reset();
}

TEST_CASE("an empty descriptor closes nothing") {
  const UniqueFd other(open_something());
  {
    const UniqueFd none;
    CHECK(none.get() == -1);
  }
  CHECK(is_open(other.get()));
}

}  // namespace oskbc::unique_fd_test
