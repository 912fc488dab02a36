// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <string>
#include <type_traits>

#include "base/status.h"
#include "support/catch.h"

namespace oskbc::error_test {

using core::Error;
using core::fail;
using core::Status;

TEST_CASE("a failure carries its status and the text of printf") {
  try {
    fail(Status::io, "opening %s failed with %d at %zu", "a path", -5, std::size_t{7});
  } catch (const Error& error) {
    CHECK(error.status() == Status::io);
    CHECK(std::string(error.what()) == "opening a path failed with -5 at 7");
    return;
  }
  FAIL("nothing was thrown");
}

TEST_CASE("an error that is made is not thrown until somebody wants it to be") {
  const Error error = core::make_error(Status::unknown_key, "none of %d", 3);
  CHECK(error.status() == Status::unknown_key);
  CHECK(std::string(error.what()) == "none of 3");
  CHECK_THROWS_WITH(core::value_of(core::Result<int>(error)), "none of 3");
  CHECK(core::value_of(core::Result<int>(7)) == 7);
}

TEST_CASE("an error around a number says it") {
  const Error error = core::make_error_around(Status::buffer, "needs ", ~std::size_t{0}, " bytes");
  CHECK(error.status() == Status::buffer);
  CHECK(std::string(error.what()) == "needs 18446744073709551615 bytes");
}

TEST_CASE("a message that is too long is cut, and ends") {
  for (const std::size_t size : {510U, 511U, 512U, 513U, 100000U}) {
    const std::string text(size, 'x');
    try {
      fail(Status::internal, "%s", text.c_str());
    } catch (const Error& error) {
      CHECK(std::string(error.what()) == text.substr(0, Error::kTextSize - 1));
    }
  }
}

TEST_CASE("an error is a standard exception that is copied without memory") {
  STATIC_REQUIRE(std::is_base_of_v<std::exception, Error>);
  STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<Error>);
  CHECK_THROWS_AS(fail(Status::packet, "x"), std::exception);
}

TEST_CASE("a copy of an error outlives the first") {
  std::exception_ptr kept;
  try {
    fail(Status::keyset, "entry %d", 3);
  } catch (...) {
    kept = std::current_exception();
  }
  CHECK_THROWS_WITH(std::rethrow_exception(kept), "entry 3");
}

TEST_CASE("the statuses have the numbers of the public table") {
  CHECK(static_cast<int>(Status::ok) == 0);
  CHECK(static_cast<int>(Status::no_secret) == 4);
  CHECK(static_cast<int>(Status::keyset) == 7);
  CHECK(static_cast<int>(Status::decrypt) == 12);
  CHECK(static_cast<int>(Status::internal) == 14);
}

}  // namespace oskbc::error_test
