// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>

#include "common/error.h"
#include "fuzz/fuzz_common.h"
#include "luks/check.h"
#include "luks/header.h"
#include "luks/luks_header.h"

namespace oskbc::fuzz {
namespace {

using luks::Header;

const luks::Wanted kWanted{
    .uuid = test::kUuid, .cipher = "aes-xts-plain64", .keyslot_cipher = {}, .key_bits = 512};

std::optional<Header> read(ByteView bytes) {
  try {
    return luks::read_header(bytes);
  } catch (const tools::Refused& refused) {
    require(*refused.what() != '\0', "a refusal says why");
  }
  return std::nullopt;
}

bool passes(const Header& header) {
  try {
    luks::check(header, kWanted);
  } catch (const tools::Refused&) {
    return false;
  }
  return true;
}

void check_read(const Header& header) {
  require(!header.keyslots.empty(), "a header that is read has a keyslot");
  require(header.whole_size >= 2 * luks::kBinarySize, "and is as long as both copies");
  require(header.key_size != 0, "and a key");
  if (!passes(header)) return;
  require(header.cipher == kWanted.cipher, "what passes has the cipher that is wanted");
  require(std::ranges::all_of(header.keyslots,
                              [](const auto& slot) { return slot.cipher == kWanted.cipher; }),
          "in all of its keyslots");
}

// An engine does not guess a checksum.
ByteView sealed(core::Bytes& header) {
  const std::size_t size = header.size() / 2;
  test::seal_copy(core::ByteSpan(header).first(size));
  test::seal_copy(core::ByteSpan(header).subspan(size));
  return header;
}

void fuzz_luks_header(ByteView bytes) {
  if (const auto header = read(bytes)) check_read(*header);
  constexpr std::size_t kRoom = 16384 - luks::kBinarySize;
  const std::string text(core::as_text(bytes.first(std::min(bytes.size(), kRoom))));
  if (const auto header = read(test::make_header(text))) check_read(*header);
  core::Bytes header = test::make_header(test::good_json());
  std::copy_n(bytes.begin(), std::min(bytes.size(), luks::kBinarySize), header.begin());
  if (const auto found = read(sealed(header))) check_read(*found);
}

const Target luks_header_target("luks_header", fuzz_luks_header);

}  // namespace
}  // namespace oskbc::fuzz
