// SPDX-License-Identifier: Apache-2.0
// That neither branches nor addresses depend on secrets. Run by valgrind, to whose memcheck the
// secrets are given as undefined: it then reports each branch and each address that depends on one.
// What may depend on them is the verdict, a branch or two for the whole; so the number of reports
// must not change with how long the secret is, or with where it differs.
#include <valgrind/memcheck.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "crypto/key_wrap_cipher.h"
#include "crypto/keyset_file_cipher.h"
#include "format/base64.h"
#include "format/jwe.h"
#include "support/catch.h"
#include "support/jwe_maker.h"

using namespace oskbc::core;

namespace {

template <typename T, std::size_t Size>
void make_secret(std::span<T, Size> bytes) {
  VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size_bytes());
}

template <typename T, std::size_t Size>
void make_public(std::span<T, Size> bytes) {
  VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size_bytes());
}

// How many branches and addresses depend on what is secret while `work` runs.
template <typename Work>
long dependent(Work work) {
  const long before = VALGRIND_COUNT_ERRORS;
  work();
  return static_cast<long>(VALGRIND_COUNT_ERRORS) - before;
}

Bytes some_bytes(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 89 + 7);
  return bytes;
}

// Padding tells the length, which is no secret.
std::span<char> without_padding(std::string& text) {
  return std::span<char>(text).first(text.size() - 2);
}

long dependent_in_decoding(std::size_t size) {
  std::string text = base64::encode(some_bytes(size));
  Bytes out(size);
  make_secret(without_padding(text));
  bool decoded = false;
  const long count = dependent([&] { decoded = base64::decode(text, out); });
  make_public(std::span(&decoded, 1));
  make_public(std::span(out));
  CHECK(decoded);
  CHECK(out == some_bytes(size));
  return count;
}

// With the byte `wrong` of the tag changed, if there is one.
long dependent_in_unwrapping(std::size_t wrong) {
  static const KeyWrapCipher cipher;
  Bytes kek = some_bytes(kKekSize);
  const Bytes plain = some_bytes(193);
  Bytes iv(iv_size(WrapType::a256gcm));
  Bytes wrapped(plain.size() + kGcmTagSize);
  cipher.wrap(WrapType::a256gcm, kek, plain, iv, wrapped);
  if (wrong < kGcmTagSize) wrapped[plain.size() + wrong] ^= 0x10;
  Bytes out(plain.size());
  make_secret(std::span(kek));
  bool opened = true;
  const long count = dependent([&] {
    try {
      cipher.unwrap(WrapType::a256gcm, kek, iv, wrapped, out);
    } catch (const Error&) {
      opened = false;
    }
  });
  make_public(std::span(out));
  CHECK(opened == (wrong >= kGcmTagSize));
  CHECK((out == plain) == opened);
  return count;
}

// The usual way, for comparison.
[[gnu::noinline]] int compare_in_turn(std::span<const std::uint8_t> a,
                                      std::span<const std::uint8_t> b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return 1;
  }
  return 0;
}

}  // namespace

TEST_CASE("this runs under memcheck, which notices what depends on a secret") {
  REQUIRE(RUNNING_ON_VALGRIND != 0);
  std::array<std::uint8_t, 16> tag{};
  volatile int different = 0;
  const auto compare_at = [&](std::size_t position) {
    std::array<std::uint8_t, 16> other{};
    other[position] = 1;
    make_secret(std::span(tag));
    return dependent([&] { different = compare_in_turn(tag, other); });
  };
  CHECK(compare_at(12) > compare_at(3));
  constexpr std::array<char, 256> kTable{};
  volatile char looked_up = 0;
  CHECK(dependent([&] { looked_up = kTable[tag[0]]; }) == 1);
}

TEST_CASE("decoding base64 depends on a secret in its verdict only, however long it is") {
  const long verdict = dependent_in_decoding(3);
  CHECK(verdict <= 2);
  for (const std::size_t size : {4U, 5U, 31U, 32U, 33U, 64U, 100U, 1000U}) {
    CHECK(dependent_in_decoding(size) == verdict);
  }
}

TEST_CASE("encoding base64 does not depend on a secret") {
  for (const std::size_t size : {1U, 2U, 3U, 32U, 1000U}) {
    Bytes bytes = some_bytes(size);
    std::string text(base64::encoded_size(size), '\0');
    make_secret(std::span(bytes));
    CHECK(dependent([&] { base64::encode(bytes, std::span(text)); }) == 0);
    make_public(std::span(text));
    CHECK(text == base64::encode(some_bytes(size)));
  }
}

TEST_CASE("opening a packet depends on key and tag in its verdict only, wherever the tag differs") {
  const long refused = dependent_in_unwrapping(0);
  for (std::size_t wrong = 1; wrong < kGcmTagSize; ++wrong) {
    CHECK(dependent_in_unwrapping(wrong) == refused);
  }
  CHECK(dependent_in_unwrapping(kGcmTagSize) <= refused);
  CHECK(refused <= 8);
}

TEST_CASE("CTR does not depend on a key at all") {
  const KeyWrapCipher cipher;
  Bytes kek = some_bytes(kKekSize);
  const Bytes iv(iv_size(WrapType::a256ctr));
  const Bytes wrapped = some_bytes(193);
  Bytes out(wrapped.size());
  make_secret(std::span(kek));
  CHECK(dependent([&] { cipher.unwrap(WrapType::a256ctr, kek, iv, wrapped, out); }) == 0);
}

namespace {

// With a bit of the KEK changed, of its byte `wrong`, if there is one.
long dependent_in_unwrapping_a_key(std::size_t wrong) {
  static const CipherProvider provider;
  // RFC 3394, 4.6.
  Bytes kek(kKekSize);
  for (std::size_t i = 0; i < kek.size(); ++i) kek[i] = static_cast<std::uint8_t>(i);
  const Bytes wrapped = {0x28, 0xc9, 0xf4, 0x04, 0xc4, 0xb8, 0x10, 0xf4, 0xcb, 0xcc,
                         0xb3, 0x5c, 0xfb, 0x87, 0xf8, 0x26, 0x3f, 0x57, 0x86, 0xe2,
                         0xd8, 0x0e, 0xd3, 0x26, 0xcb, 0xc7, 0xf0, 0xe7, 0x1a, 0x99,
                         0xf4, 0x3b, 0xfb, 0x98, 0x8b, 0x9b, 0x7a, 0x02, 0xdd, 0x21};
  if (wrong < kek.size()) kek[wrong] ^= 0x10;
  Bytes key(wrapped.size() - 8);
  make_secret(std::span(kek));
  bool opened = false;
  const long count = dependent([&] { opened = unwrap_key(provider, kek, wrapped, key); });
  make_public(std::span(&opened, 1));
  CHECK(opened == (wrong >= kek.size()));
  return count;
}

// A whole file: its key, and with it all that it decrypts to.
long dependent_in_opening(const std::string& text, std::size_t wrong) {
  static const CipherProvider provider;
  oskbc::test::JweMaker maker;
  std::string file = maker.make(text);
  const Jwe jwe = read_jwe({reinterpret_cast<std::uint8_t*>(file.data()), file.size()});
  Bytes kek(maker.kek.begin(), maker.kek.end());
  if (wrong < kek.size()) kek[wrong] ^= 0x10;
  make_secret(std::span(kek));
  bool opened = false;
  const long count = dependent([&] {
    opened = open_gcm(provider, kek, jwe.iv, as_bytes(jwe.header), jwe.tag, jwe.ciphertext);
  });
  make_public(std::span(&opened, 1));
  make_public(jwe.ciphertext);
  CHECK(opened == (wrong >= kek.size()));
  CHECK((as_text(jwe.ciphertext) == text) == opened);
  return count;
}

}  // namespace

TEST_CASE("a file's key is unwrapped in the same way whichever byte of the injected one is wrong") {
  const long refused = dependent_in_unwrapping_a_key(0);
  for (std::size_t wrong = 1; wrong < kKekSize; ++wrong) {
    CHECK(dependent_in_unwrapping_a_key(wrong) == refused);
  }
  CHECK(dependent_in_unwrapping_a_key(kKekSize) <= refused);
  CHECK(refused <= 4);
}

TEST_CASE("opening a keyset file depends on its key in its verdict only, however long it is") {
  const long opened = dependent_in_opening("{}", kKekSize);
  CHECK(opened <= 4);
  for (const std::size_t size : {32U, 193U, 5000U}) {
    CHECK(dependent_in_opening(std::string(size, 'x'), kKekSize) == opened);
  }
  const long refused = dependent_in_opening("{}", 0);
  for (const std::size_t wrong : {1U, 15U, 16U, 31U}) {
    CHECK(dependent_in_opening("{}", wrong) == refused);
  }
}
