// SPDX-License-Identifier: Apache-2.0
#include "format/recipients.h"

#include <string>
#include <vector>

#include "base/error.h"
#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::recipients_test {

using core::fail;
using core::MostTelling;
using core::open_first;
using core::Status;

namespace {

// Each packet is the status that opening it ends with.
int open(Status status) {
  if (status != Status::ok) fail(status, "%d", static_cast<int>(status));
  return 7;
}

Status status_of(const std::vector<Status>& packets) {
  return test::status_of([&] { static_cast<void>(open_first(packets, open)); });
}

}  // namespace

TEST_CASE("an annotation is split at its commas") {
  CHECK(core::split_recipients("a,b,c") == std::vector<std::string_view>{"a", "b", "c"});
  CHECK(core::split_recipients("a") == std::vector<std::string_view>{"a"});
  CHECK(core::split_recipients("a,") == std::vector<std::string_view>{"a", ""});
  CHECK(core::split_recipients("") == std::vector<std::string_view>{""});
}

TEST_CASE("a recipient is base64") {
  CHECK(core::as_text(core::decode_recipient("e30=")) == "{}");
  CHECK(test::status_of([] { static_cast<void>(core::decode_recipient("e30")); }) ==
        Status::packet);
}

TEST_CASE("after any failure the next packet is tried") {
  for (int number = 1; number <= static_cast<int>(Status::internal); ++number) {
    const auto status = static_cast<Status>(number);
    CHECK(open_first(std::vector{status, Status::ok}, open) == 7);
    CHECK(open_first(std::vector{status, status, Status::ok, status}, open) == 7);
  }
}

TEST_CASE("of several failures the most telling is reported") {
  CHECK(status_of({Status::unknown_key, Status::decrypt, Status::unknown_key}) == Status::decrypt);
  CHECK(status_of({Status::unsupported, Status::unknown_key}) == Status::unsupported);
  CHECK(status_of({Status::packet, Status::unsupported}) == Status::packet);
  CHECK(status_of({Status::decrypt, Status::no_memory, Status::decrypt}) == Status::no_memory);
  CHECK(status_of({Status::unknown_key}) == Status::unknown_key);
  CHECK(status_of({}) == Status::packet);
}

TEST_CASE("of failures that tell as much the first is reported") {
  const auto failure = test::failure_of([] {
    MostTelling reasons;
    for (const char* text : {"first", "second"}) {
      try {
        fail(Status::decrypt, "%s", text);
      } catch (const core::Error& error) {
        reasons.note(error);
      }
    }
    reasons.report();
  });
  CHECK(failure.text == "first");
}

}  // namespace oskbc::recipients_test
