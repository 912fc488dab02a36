// SPDX-License-Identifier: Apache-2.0
#include "base/status.h"
#include "crypto/key_wrap_cipher.h"
#include "fuzz/fuzz_common.h"
#include "fuzz/seal.h"

namespace oskbc::fuzz {
namespace {

using core::Bytes;
using core::Status;
using core::WrapType;

// All that unwrapping takes.
struct Sealed {
  WrapType type;
  Bytes key;
  Bytes iv;
  Bytes wrapped;
  friend bool operator==(const Sealed&, const Sealed&) = default;
};

Bytes filled(ByteView bytes, std::size_t size) {
  Bytes out(bytes.begin(), bytes.end());
  out.resize(size);
  return out;
}

void alter(Bytes& bytes, Input& input) {
  const std::uint8_t how = input.consume_byte();
  if (how % 4 == 0) bytes.push_back(input.consume_byte());
  if (how % 4 == 1) bytes.resize(bytes.size() - std::min<std::size_t>(bytes.size(), how / 4));
  if (how % 4 >= 2 && !bytes.empty()) bytes[how / 4 % bytes.size()] ^= input.consume_byte();
}

// Changes as much as the input has bytes for; nothing, maybe.
Sealed altered(Sealed sealed, Input& input) {
  while (!input.empty()) {
    const std::uint8_t what = input.consume_byte();
    if (what % 4 == 0) alter(sealed.key, input);
    if (what % 4 == 1) alter(sealed.iv, input);
    if (what % 4 == 2) alter(sealed.wrapped, input);
    if (what % 4 == 3) sealed.type = what < 128 ? WrapType::a256gcm : WrapType::a256ctr;
  }
  return sealed;
}

bool has_right_lengths(const Sealed& sealed) {
  return sealed.key.size() == core::kKekSize && sealed.iv.size() == core::iv_size(sealed.type) &&
         sealed.wrapped.size() >= core::tag_size(sealed.type);
}

void check(const Sealed& sealed, bool opens, const Bytes& plain) {
  static const core::KeyWrapCipher cipher;
  Bytes out(core::KeyWrapCipher::unwrapped_size(sealed.type, sealed.wrapped.size()), 0xa5);
  const Status status =
      status_of([&] { cipher.unwrap(sealed.type, sealed.key, sealed.iv, sealed.wrapped, out); });
  require(status == (opens ? Status::ok : Status::decrypt), "what was sealed opens, and no other");
  require(out == (opens ? plain : Bytes(out.size())), "the plaintext comes out, or zeros");
}

void fuzz_unwrap(ByteView bytes) {
  Input input(bytes);
  const WrapType type = input.consume_byte() % 2 == 0 ? WrapType::a256gcm : WrapType::a256ctr;
  Sealed sealed{type,
                filled(input.consume(8), core::kKekSize),
                filled(input.consume(4), core::iv_size(type)),
                {}};
  const ByteView plain = input.consume(input.consume_byte());
  sealed.wrapped = seal(type, sealed.key, sealed.iv, plain);
  const Sealed other = altered(sealed, input);
  if (core::is_authenticated(other.type) || !has_right_lengths(other)) {
    check(other, other == sealed, Bytes(plain.begin(), plain.end()));
  } else {
    check(other, true, seal(other.type, other.key, other.iv, other.wrapped));
  }
}

const Target unwrap_target("unwrap", fuzz_unwrap);

}  // namespace
}  // namespace oskbc::fuzz
