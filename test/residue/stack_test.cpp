// SPDX-License-Identifier: Apache-2.0
// What base64 leaves on the stack, seen right after it, while in a whole call others run over it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "format/base64.h"
#include "needle.h"
#include "support/catch.h"

namespace oskbc_test {
namespace {

namespace base64 = oskbc::core::base64;

using Stack = std::array<char, 16384>;

[[gnu::noinline]] void paint_stack() {
  Stack below;
  below.fill('\0');
  asm volatile("" : : "r"(&below) : "memory");
}

// Its start lies deeper than what the search itself puts on the stack.
[[gnu::noinline]] void leave_on_stack(const std::string& secret) {
  std::array<char, 256> copy;
  secret.copy(copy.data(), secret.size());
  asm volatile("" : : "r"(&copy) : "memory");
}

std::size_t pieces_in(std::string_view memory, std::string_view secret) {
  std::size_t found = 0;
  for (std::size_t position = 0; position + kPiece <= secret.size(); ++position) {
    if (memory.find(secret.substr(position, kPiece)) != std::string_view::npos) ++found;
  }
  return found;
}

// How many pieces of either lie where the functions called before had their frames.
[[gnu::noinline]] std::size_t pieces_on_stack(std::string_view text, std::string_view bytes) {
  Stack below;
  asm volatile("" : "=m"(below));
  const std::string_view left(below.data(), below.size());
  return pieces_in(left, text) + pieces_in(left, bytes);
}

oskbc::core::Bytes some_bytes(std::size_t size) {
  oskbc::core::Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 89 + 7);
  return bytes;
}

}  // namespace

TEST_CASE("base64 leaves no piece of a text or of its bytes on the stack, however long they are") {
  for (std::size_t size = kPiece; size <= 100; ++size) {
    const oskbc::core::Bytes bytes = some_bytes(size);
    std::string text(base64::encoded_size(size), '\0');
    oskbc::core::Bytes decoded(size);
    INFO(size);
    paint_stack();
    base64::encode(bytes, std::span(text));
    // Before Catch, which has a stack, too.
    const std::size_t encoding = pieces_on_stack(text, oskbc::core::as_text(bytes));
    CHECK(encoding == 0);
    paint_stack();
    const bool done = base64::decode(text, decoded);
    const std::size_t decoding = pieces_on_stack(text, oskbc::core::as_text(bytes));
    CHECK(decoding == 0);
    CHECK(done);
  }
}

TEST_CASE("a copy that is left on the stack is found there") {
  const std::string secret = "0123456789abcdefghijklmnopqrstuv";
  paint_stack();
  leave_on_stack(secret);
  const std::size_t found = pieces_on_stack(secret, "");
  CHECK(found == secret.size() - kPiece + 1);
}

}  // namespace oskbc_test
