// SPDX-License-Identifier: Apache-2.0
#include "common/host_answer.h"

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::host_answer_test {

using tools::HostAnswer;

namespace {

std::optional<HostAnswer> read(const std::string& text) {
  return tools::read_host_answer(text, "F");
}

}  // namespace

TEST_CASE("QEMU's answers become names and values") {
  const HostAnswer expected = {{"data", "AAAA"}, {"policy", "1"}, {"enabled", "true"}};
  CHECK(read("{\"data\":\"AAAA\",\"policy\":1,\"enabled\":true}") == expected);
  CHECK(
      read(
          " {\"return\": {\"data\": \"AAAA\"}}\r\n{\"return\": {\"policy\": 1, \"enabled\": true}}") ==
      expected);
  CHECK(read("{\"return\": {\"data\": \"AAAA\", \"deep\": {\"data\": 1}, \"list\": [1]}}") ==
        HostAnswer{{"data", "AAAA"}});
  CHECK(read("{\"return\": 4}") == HostAnswer{{"return", "4"}});
}

TEST_CASE("virsh's tables do, too") {
  CHECK(read("sev-measurement: AAAA\r\nsev-policy     : 1\n\n") ==
        HostAnswer{{"measurement", "AAAA"}, {"policy", "1"}});
  CHECK(read("pdh : A:B") == HostAnswer{{"pdh", "A:B"}});
}

TEST_CASE("other text is no answer") {
  CHECK_FALSE(read(""));
  CHECK_FALSE(read(" \n"));
  CHECK_FALSE(read("QUJD\nQUJD\n"));
  CHECK_FALSE(read("policy: 1\nQUJD\n"));
}

TEST_CASE("damaged JSON is refused, without showing it") {
  for (const char* text :
       {"{", "{\"MARKER\"", "{\"a\": MARKER}", "{} MARKER", "{\"a\": 1}, {\"b\": 2}"}) {
    INFO(text);
    const auto failed = test::failure_of([&] { static_cast<void>(read(text)); });
    CHECK(failed.status == core::Status::argument);
    CHECK(failed.text.find("MARKER") == std::string::npos);
  }
}

}  // namespace oskbc::host_answer_test
