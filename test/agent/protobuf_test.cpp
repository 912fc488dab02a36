// SPDX-License-Identifier: Apache-2.0
#include "ttrpc/protobuf.h"

#include <string>

#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::protobuf_test {

using core::Bytes;
using core::Status;
using ttrpc::Fields;

namespace {

// Every field that can be read, as "number:value".
std::string dump(const Bytes& message) {
  std::string text;
  for (Fields fields(message, "test"); fields.next();) {
    for (std::uint32_t number = 1; number < 4; ++number) {
      if (fields.is_integer(number)) {
        text += std::to_string(number) + ":" + std::to_string(fields.integer()) + " ";
      }
      if (fields.is_bytes(number)) {
        text += std::to_string(number) + ":" + std::string(fields.text()) + " ";
      }
    }
  }
  return text;
}

}  // namespace

TEST_CASE("what is written is read") {
  Bytes message;
  ttrpc::append_integer(message, 1, 150);
  ttrpc::append_bytes(message, 2, core::as_bytes("testing"));
  ttrpc::append_integer(message, 3, ~std::uint64_t{0});
  ttrpc::append_bytes(message, 1, {});
  CHECK(dump(message) == "1:150 2:testing 3:18446744073709551615 1: ");
  // The examples of protobuf's own description of its encoding.
  CHECK(Bytes(message.begin(), message.begin() + 3) == Bytes{0x08, 0x96, 0x01});
  CHECK(Bytes(message.begin() + 3, message.begin() + 12) ==
        Bytes{0x12, 0x07, 't', 'e', 's', 't', 'i', 'n', 'g'});
}

TEST_CASE("fields of other kinds and numbers are passed over") {
  CHECK(dump({0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 0x08, 7}) == "1:7 ");
  CHECK(dump({0xf8, 0xff, 0xff, 0xff, 0x0f, 1, 0x08, 7}) == "1:7 ");
  CHECK(dump({}).empty());
}

TEST_CASE("what is no protobuf is refused") {
  const Bytes message = GENERATE(values<Bytes>({
      {0x08},                                                              // no value
      {0x08, 0x80},                                                        // it never ends
      {0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},  // too long
      {0x12, 0x02, 'a'},                                                   // cut short
      {0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},        // longer than memory
      {0x09, 1, 2, 3},                                                     // eight bytes
      {0x0d, 1, 2, 3},                                                     // four bytes
      {0x00, 0x00},                                                        // number 0
      {0x80, 0x80, 0x80, 0x80, 0x10, 0x00},                                // past the last number
      {0x0b},                                                              // a group
      {0x0e},                                                              // no kind
  }));
  const auto failure = test::failure_of([&] { static_cast<void>(dump(message)); });
  CHECK(failure.status == Status::request);
  CHECK(failure.text == "the message is no test");
}

}  // namespace oskbc::protobuf_test
