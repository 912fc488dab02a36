// SPDX-License-Identifier: Apache-2.0
#include "luks/luks_header.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "luks/checksum.h"

namespace oskbc::test {
namespace {

constexpr std::size_t kBinary = 4096;
constexpr std::size_t kChecksumAt = 448;

void store_be(core::ByteSpan bytes, std::size_t offset, std::size_t size, std::uint64_t value) {
  for (std::size_t i = size; i-- > 0; value >>= 8) {
    bytes[offset + i] = static_cast<std::uint8_t>(value);
  }
}

void store(core::ByteSpan bytes, std::size_t offset, std::string_view text) {
  std::copy(text.begin(), text.end(), bytes.subspan(offset).begin());
}

}  // namespace

std::string good_json() {
  return R"({"keyslots":{"0":{"type":"luks2","key_size":64,"af":{"type":"luks1","stripes":4000,"hash":"sha256"},"area":{"type":"raw","offset":"32768","size":"258048","encryption":"aes-xts-plain64","key_size":64},"kdf":{"type":"pbkdf2","hash":"sha256","iterations":100000,"salt":"3q2+7w=="}}},"tokens":{},"segments":{"0":{"type":"crypt","offset":"16777216","size":"dynamic","iv_tweak":"0","encryption":"aes-xts-plain64","sector_size":512}},"digests":{"0":{"type":"pbkdf2","keyslots":["0"],"segments":["0"],"hash":"sha256","iterations":100000,"salt":"3q2+7w==","digest":"yv66vg=="}},"config":{"json_size":"12288","keyslots_size":"16744448"}})";
}

std::string changed_json(const std::string& from, const std::string& to) {
  std::string json = good_json();
  const std::size_t found = json.find(from);
  if (found == std::string::npos) throw std::logic_error("the JSON has no " + from);
  return json.replace(found, from.size(), to);
}

void seal_copy(core::ByteSpan copy) {
  std::fill_n(copy.subspan(kChecksumAt).begin(), 64, std::uint8_t{0});
  const luks::Checksum sum = luks::checksum_of(copy);
  std::copy(sum.begin(), sum.end(), copy.subspan(kChecksumAt).begin());
}

core::Bytes make_copy(const Copy& copy) {
  core::Bytes bytes(copy.size);
  store(bytes, 0, copy.second ? "SKUL\xba\xbe" : "LUKS\xba\xbe");
  store_be(bytes, 6, 2, copy.version);
  store_be(bytes, 8, 8, copy.size);
  store_be(bytes, 16, 8, copy.sequence);
  store(bytes, 72, copy.checksum_name);
  store(bytes, 168, copy.uuid);
  store_be(bytes, 256, 8, copy.offset);
  store(bytes, kBinary, copy.json);
  seal_copy(bytes);
  return bytes;
}

core::Bytes make_header(const std::string& json) {
  Copy copy;
  copy.json = json;
  return make_header(copy, copy);
}

core::Bytes make_header(const Copy& first, const Copy& second) {
  Copy other = second;
  other.second = true;
  other.offset = first.size;
  core::Bytes bytes = make_copy(first);
  const core::Bytes more = make_copy(other);
  bytes.insert(bytes.end(), more.begin(), more.end());
  return bytes;
}

}  // namespace oskbc::test
