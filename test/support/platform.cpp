// SPDX-License-Identifier: Apache-2.0
#include "platform.h"

#include <algorithm>
#include <stdexcept>

#include "owner/crypto/aes.h"
#include "owner/crypto/hash.h"
#include "owner/crypto/private_key.h"

namespace oskbc::test {
namespace {

using core::Bytes;
using core::ByteView;
using core::SecretBytes;

constexpr std::size_t kLargestSecret = 16384;

void check(bool right, const char* what) {
  if (!right) throw std::runtime_error(std::string("the platform refuses ") + what);
}

std::uint32_t number(ByteView bytes, std::size_t at) {
  return bytes[at] + 256U * bytes[at + 1] + 65536U * bytes[at + 2] + 16777216U * bytes[at + 3];
}

Bytes little_endian(std::size_t value) {
  Bytes bytes;
  for (int i = 0; i < 4; ++i, value /= 256) bytes.push_back(static_cast<std::uint8_t>(value % 256));
  return bytes;
}

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes all;
  for (const ByteView part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

owner::p384::Point godh_point(ByteView godh) {
  check(godh.size() == 2084, "a GODH of another size");
  check(number(godh, 0) == 1 && number(godh, 8) == 0x1003, "a certificate that is no GODH");
  check(number(godh, 12) == 3 && number(godh, 16) == 2, "a GODH that is not for ECDH on P-384");
  owner::p384::Point point;
  std::ranges::reverse_copy(godh.subspan(20, 48), point.x.begin());
  std::ranges::reverse_copy(godh.subspan(92, 48), point.y.begin());
  return point;
}

SecretBytes part_of(const SecretBytes& bytes, std::size_t offset, std::size_t size) {
  SecretBytes part(size);
  std::ranges::copy(bytes.expose().subspan(offset, size), part.expose_writable().begin());
  return part;
}

bool is_mac(ByteView key, const Bytes& data, ByteView mac) {
  return owner::equal_in_constant_time(owner::hmac_sha256(key, {data}), mac);
}

}  // namespace

bool Platform::is_old() const noexcept {
  return firmware.api_major == 0 && firmware.api_minor < 17;
}

Platform::Guest Platform::start(ByteView godh, ByteView blob, std::uint32_t policy) const {
  check(blob.size() == 128, "a session of another size");
  const SecretBytes z = owner::shared_secret(pdh_, godh_point(godh));
  const SecretBytes master = owner::derive_key(z.expose(), "sev-master-secret", blob.first(16), 16);
  const SecretBytes kek = owner::derive_key(master.expose(), "sev-kek", {}, 16);
  const SecretBytes kik = owner::derive_key(master.expose(), "sev-kik", {}, 16);
  const ByteView wrapped = blob.subspan(16, 32);
  check(is_mac(kik.expose(), joined({wrapped}), blob.subspan(64, 32)), "the wrapped keys' MAC");
  SecretBytes keys(32);
  owner::aes_128_ctr(kek.expose(), blob.subspan(48, 16), wrapped, keys.expose_writable());
  Guest guest{part_of(keys, 0, 16), part_of(keys, 16, 16), policy, {}};
  check(is_mac(guest.tik.expose(), little_endian(policy), blob.subspan(96, 32)),
        "the policy's MAC");
  return guest;
}

Bytes Platform::measure(Guest& guest, const owner::Digest& digest,
                        const owner::Nonce& mnonce) const {
  const Bytes version = {4, firmware.api_major, firmware.api_minor, firmware.build_id};
  const Bytes data =
      joined({is_old() ? Bytes() : version, little_endian(guest.policy), digest, mnonce});
  guest.measure = owner::hmac_sha256(guest.tik.expose(), {data});
  return joined({guest.measure, mnonce});
}

SecretBytes Platform::inject(const Guest& guest, ByteView header, ByteView data) const {
  check(header.size() == 52, "a packet header of another size");
  check(!data.empty() && data.size() % 16 == 0 && data.size() <= kLargestSecret,
        "a secret of this size");
  check(number(header, 0) == 0, "flags that are not zero");
  const Bytes one = {1};
  const Bytes length = little_endian(data.size());
  const ByteView measure = is_old() ? ByteView() : ByteView(guest.measure);
  const Bytes signed_bytes = joined({one, header.first(20), length, length, data, measure});
  check(is_mac(guest.tik.expose(), signed_bytes, header.subspan(20)), "the secret's MAC");
  SecretBytes table(data.size());
  owner::aes_128_ctr(guest.tek.expose(), header.subspan(4, 16), data, table.expose_writable());
  return table;
}

}  // namespace oskbc::test
