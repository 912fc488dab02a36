// SPDX-License-Identifier: Apache-2.0
#include "ttrpc/frame.h"

#include <string>

#include "support/catch.h"
#include "ttrpc/protobuf.h"
#include "ttrpc/services.h"
#include "unit/failure.h"

namespace oskbc::frame_test {

using core::Bytes;
using core::ByteView;

namespace {

ttrpc::Header header_of(const Bytes& frame) {
  return ttrpc::read_header(ByteView(frame).first<ttrpc::kHeaderSize>());
}

ByteView data_of(const Bytes& frame) { return ByteView(frame).subspan(ttrpc::kHeaderSize); }

}  // namespace

TEST_CASE("a header is ten bytes, big endian") {
  Bytes bytes;
  ttrpc::append_header(bytes, {0x01020304, 0x05060708, 9, 10});
  CHECK(bytes == Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  const ttrpc::Header header = header_of(bytes);
  CHECK(header.size == 0x01020304);
  CHECK(header.stream == 0x05060708);
  CHECK(header.type == 9);
  CHECK(header.flags == 10);
}

TEST_CASE("a request comes back") {
  const Bytes frame = ttrpc::write_request(7, {"service", "method", core::as_bytes("payload")});
  CHECK(header_of(frame).size == frame.size() - ttrpc::kHeaderSize);
  CHECK(header_of(frame).stream == 7);
  CHECK(header_of(frame).type == ttrpc::Type::request);
  const ttrpc::Request request = ttrpc::read_request(data_of(frame));
  CHECK(request.service == "service");
  CHECK(request.method == "method");
  CHECK(core::as_text(request.payload) == "payload");
}

TEST_CASE("an answer's head and its bytes are a response") {
  const std::size_t size = GENERATE(0U, 1U, 127U, 128U, 16383U, 16384U, 100000U);
  const Bytes bytes(size, 'x');
  Bytes frame = ttrpc::write_answer_head(9, size);
  frame.insert(frame.end(), bytes.begin(), bytes.end());
  CHECK(header_of(frame).size == ttrpc::answer_size(size));
  CHECK(header_of(frame).size == data_of(frame).size());
  CHECK(header_of(frame).type == ttrpc::Type::response);
  const ttrpc::Response response = ttrpc::read_response(data_of(frame));
  CHECK(response.code == 0);
  const ByteView field = ttrpc::first_field(response.payload, "answer");
  CHECK(Bytes(field.begin(), field.end()) == bytes);
}

TEST_CASE("a refusal has its code and message") {
  const Bytes frame = ttrpc::write_refusal(3, 12, "no");
  CHECK(header_of(frame).stream == 3);
  const ttrpc::Response response = ttrpc::read_response(data_of(frame));
  CHECK(response.code == 12);
  CHECK(response.message == "no");
  CHECK(response.payload.empty());
}

TEST_CASE("of a field that comes again the last one counts, as in protobuf") {
  Bytes message;
  ttrpc::append_bytes(message, 1, core::as_bytes("first"));
  ttrpc::append_bytes(message, 1, core::as_bytes("last"));
  CHECK(core::as_text(ttrpc::first_field(message, "test")) == "last");
}

TEST_CASE("what is no message is refused by its name") {
  const Bytes cut = {0x0a, 5, 'x'};
  CHECK(test::failure_of([&] { static_cast<void>(ttrpc::read_request(cut)); }).text ==
        "the message is no ttRPC request");
  CHECK(test::failure_of([&] { static_cast<void>(ttrpc::read_response(cut)); }).text ==
        "the message is no ttRPC response");
}

TEST_CASE("a list of entries comes back") {
  const auto entries =
      ttrpc::read_entries(ttrpc::write_entries({{"a", 1}, {"default/key/1", 100000}, {"", 0}}));
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].id == "a");
  CHECK(entries[1].id == "default/key/1");
  CHECK(entries[1].size == 100000);
  CHECK(entries[2].id.empty());
}

}  // namespace oskbc::frame_test
