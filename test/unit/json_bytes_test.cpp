// SPDX-License-Identifier: Apache-2.0
#include "format/json_bytes.h"

#include <string>

#include "support/catch.h"
#include "unit/failure.h"

using namespace oskbc;
using core::Bytes;
using core::JsonReader;
using core::Status;

namespace {

// Gives places in its bytes and remembers how often it was asked.
struct Place {
  core::ByteSpan operator()(std::size_t size) {
    ++calls;
    bytes.assign(size, 0xa5);
    return bytes;
  }

  Bytes bytes;
  int calls = 0;
};

Place numbers(std::string_view text) {
  Place place;
  JsonReader reader(text, Status::packet, "text");
  core::read_numbers(reader, [&place](std::size_t size) { return place(size); });
  reader.finish();
  return place;
}

}  // namespace

TEST_CASE("base64 goes straight to the place for its length") {
  Place place;
  CHECK(core::read_base64("QUI=", [&](std::size_t size) { return place(size); }));
  CHECK(core::as_text(place.bytes) == "AB");
  CHECK(place.calls == 1);
}

TEST_CASE("what is not base64 leaves zeros, or asks for no place") {
  Place wiped;
  CHECK_FALSE(core::read_base64("QUJ=", [&](std::size_t size) { return wiped(size); }));
  CHECK(wiped.bytes == Bytes(2));
  Place unasked;
  CHECK_FALSE(core::read_base64("QUI", [&](std::size_t size) { return unasked(size); }));
  CHECK(unasked.calls == 0);
}

TEST_CASE("numbers are counted first and then written once") {
  CHECK(numbers("[]").bytes.empty());
  CHECK(numbers("[]").calls == 1);
  CHECK(numbers(" [ 0 , 1 ,255 ] ").bytes == Bytes{0, 1, 255});
  CHECK(numbers("[7]").calls == 1);
}

TEST_CASE("a bad number is found before there is a place for it") {
  for (const char* text : {"[1,256]", "[1,]", "[1", "[1 2]", "[\"MARKER\"]", "[271828]", "{}"}) {
    Place place;
    JsonReader reader(text, Status::packet, "text");
    CHECK(test::status_of([&] {
            core::read_numbers(reader, [&place](std::size_t size) { return place(size); });
          }) == Status::packet);
    CHECK(place.calls == 0);
  }
}
