// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "format/base64.h"
#include "fuzz/fuzz_common.h"
#include "support/naive_base64.h"

namespace oskbc::fuzz {
namespace {

namespace base64 = core::base64;

void check_decoding(std::string_view text) {
  const auto bytes = base64::decode(text);
  require(bytes == test::naive_base64(text), "both decoders come to one result");
  if (bytes) require(base64::encode(*bytes) == text, "what was decoded encodes to the same text");
}

void check_output(std::string_view text) {
  const std::size_t size = base64::decoded_size(text).value_or(text.size());
  core::Bytes out(size, 0xa5);
  const bool decoded = base64::decode(text, out);
  require(decoded == test::naive_base64(text).has_value(), "both forms of decode() agree");
  const bool wiped = std::ranges::all_of(out, [](auto byte) { return byte == 0; });
  const bool untouched = std::ranges::all_of(out, [](auto byte) { return byte == 0xa5; });
  require(decoded || wiped || untouched, "a refused text leaves nothing behind");
  core::Bytes longer(size + 1, 0xa5);
  require(!base64::decode(text, longer), "an output of another length is refused");
  require(longer == core::Bytes(size + 1, 0xa5), "and left alone");
}

void fuzz_base64(ByteView bytes) {
  const std::string_view text = core::as_text(bytes);
  check_decoding(text);
  check_output(text);
  const auto back = base64::decode(base64::encode(bytes));
  require(back && std::ranges::equal(*back, bytes), "what was encoded decodes to the same bytes");
}

const Target base64_target("base64", fuzz_base64);

}  // namespace
}  // namespace oskbc::fuzz
