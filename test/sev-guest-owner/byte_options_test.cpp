// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/byte_options.h"

#include <array>
#include <string>

#include "support/catch.h"

namespace oskbc::byte_options_test {

using tools::as_usage;
using tools::parse_bytes;
using tools::UsageError;

TEST_CASE("bytes are hexadecimal or base64, and as many as are wanted") {
  const std::array<std::uint8_t, 3> abc = {'A', 'B', 'C'};
  CHECK(parse_bytes<3>("414243", "--x") == abc);
  CHECK(parse_bytes<3>("QUJD", "--x") == abc);
  // Digits alone may be base64, where that has the length.
  CHECK(parse_bytes<3>("0000", "--x") == std::array<std::uint8_t, 3>{0xd3, 0x4d, 0x34});
  for (const char* text : {"", "41424344", "QUI=", "QUJDRA==", "xyz", "41424g"}) {
    CHECK_THROWS_AS(parse_bytes<3>(text, "--x"), UsageError);
  }
}

TEST_CASE("what is wrong with an option's words is a wrong command line, and nothing else is") {
  const auto fails = [](core::Status status) {
    return [status]() -> int { core::fail(status, "why"); };
  };
  CHECK_THROWS_AS(as_usage("--x", fails(core::Status::argument)), UsageError);
  CHECK_THROWS_AS(as_usage("--x", fails(core::Status::io)), core::Error);
  CHECK(as_usage("--x", [] { return 3; }) == 3);
}

}  // namespace oskbc::byte_options_test
