// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_wrap_cipher.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <openssl/err.h>

#include "base/error.h"
#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"
#include "unit/test_bytes.h"

namespace oskbc::key_wrap_cipher_test {

using core::Bytes;
using core::ByteView;
using core::KeyWrapCipher;
using core::Status;
using core::WrapType;
using test::counting;
using test::from_hex;

namespace {

struct Known {
  WrapType type;
  const char* kek;
  const char* iv;
  const char* plain;
  const char* wrapped;
};

constexpr const char* kZeros = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr const char* kSpecification =
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr const char* kPublication =
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
constexpr const char* kCounting =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr const char* kFourBlocks =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

// Throw-away keys, all published or counted up. The first three are cases 13 to 15 of the GCM
// specification, the first of CTR is F.5.5 of NIST's SP 800-38A. All were computed anew with Debian
// 12's python3-cryptography 38, the others by it alone. In the two with bytes ff at the counter's
// end, it carries over.
constexpr Known kKnown[] = {
    {WrapType::a256gcm, kZeros, "000000000000000000000000", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {WrapType::a256gcm, kZeros, "000000000000000000000000", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {WrapType::a256gcm, kSpecification, "cafebabefacedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
     "b094dac5d93471bdec1a502270e3cc6c"},
    {WrapType::a256gcm, kCounting, "a0a1a2a3a4a5a6a7a8a9aaab", "2a",
     "cc0a8c5a36a47a41e67b9723a61031a867"},
    {WrapType::a256gcm, kCounting, "a0a1a2a3a4a5a6a7a8a9aaab",
     "6465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788",
     "827d1a4a2da268d40e08e9bc770bb2ad04d92f67eace3817e07358f9ff2af78256f3c17827"
     "624966338c22eac980fe38f042e86dd0"},
    {WrapType::a256ctr, kPublication, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", kFourBlocks,
     "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
     "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6"},
    {WrapType::a256ctr, kPublication, "ffffffffffffffffffffffffffffffff", kFourBlocks,
     "50fd97c3e61abb4873fb78df1e8e77e64b457cd68accda4a89fa236c06bf2605"
     "a1dd021ba826fb0a252c6dc9b434030be1910794ac1349c2d4cd7bf39da5ff03"},
    {WrapType::a256ctr, kPublication, "000000000000000000000000ffffffff", kFourBlocks,
     "3ea7b207c78150ab8280acdd87b723bd31dab10a437ff5f5b6f515736c829eae"
     "3304bd408493265740f967a464a51a0b9a58a25e8a0fc69c738c7b15e301ddf9"},
    {WrapType::a256ctr, kCounting, "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf", "2a", "4a"},
    {WrapType::a256ctr, kCounting, "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf",
     "6465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788",
     "046861c4d1dbae8f644c3db9a10108d52cb9202c44d06df289dd1e929fee55da764b95d461"},
};

constexpr const Known& kGcm = kKnown[4];
constexpr const Known& kCtr = kKnown[9];

const KeyWrapCipher& cipher() {
  static const KeyWrapCipher instance;
  return instance;
}

// What unwrapping needs, for tests that spoil it.
struct Input {
  explicit Input(const Known& known)
      : type(known.type),
        kek(from_hex(known.kek)),
        iv(from_hex(known.iv)),
        wrapped(from_hex(known.wrapped)),
        plain(from_hex(known.plain)) {}

  [[nodiscard]] Bytes unwrap() const {
    Bytes out(KeyWrapCipher::unwrapped_size(type, wrapped.size()));
    cipher().unwrap(type, kek, iv, wrapped, out);
    return out;
  }

  WrapType type;
  Bytes kek;
  Bytes iv;
  Bytes wrapped;
  Bytes plain;
};

constexpr const char* kRefusal =
    "the packet does not open with its key: wrong key, or the packet was altered";

// Whether unwrapping fails as all failures do, and leaves only zeros in an output that was full.
bool is_refused(const Input& input) {
  Bytes out(KeyWrapCipher::unwrapped_size(input.type, input.wrapped.size()), 0xa5);
  const auto failure = test::failure_of(
      [&] { cipher().unwrap(input.type, input.kek, input.iv, input.wrapped, out); });
  return failure.status == Status::decrypt && failure.text == kRefusal &&
         std::all_of(out.begin(), out.end(), [](std::uint8_t byte) { return byte == 0; });
}

// Calls `check` with each bit of `field` flipped in turn.
template <typename Check>
void flip_each_bit(Bytes& field, Check check) {
  for (std::size_t bit = 0; bit < 8 * field.size(); ++bit) {
    field[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    check(bit);
    field[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
}

struct Wrapped {
  Bytes iv;
  Bytes bytes;
};

Wrapped wrap(WrapType type, ByteView kek, ByteView plain) {
  Wrapped wrapped{Bytes(core::iv_size(type)), Bytes(plain.size() + core::tag_size(type))};
  cipher().wrap(type, kek, plain, wrapped.iv, wrapped.bytes);
  return wrapped;
}

Bytes unwrap(WrapType type, ByteView kek, const Wrapped& wrapped) {
  Bytes out(KeyWrapCipher::unwrapped_size(type, wrapped.bytes.size()));
  cipher().unwrap(type, kek, wrapped.iv, wrapped.bytes, out);
  return out;
}

}  // namespace

TEST_CASE("the known answers unwrap to their plaintext") {
  for (const Known& known : kKnown) {
    INFO(known.wrapped);
    const Input input(known);
    CHECK(input.unwrap() == input.plain);
  }
}

TEST_CASE("GCM: any flipped bit of key, IV, ciphertext or tag is found, and nothing comes out") {
  Input input(kGcm);
  REQUIRE(input.unwrap() == input.plain);
  for (Bytes* field : {&input.kek, &input.iv, &input.wrapped}) {
    flip_each_bit(*field, [&](std::size_t bit) {
      if (!is_refused(input)) FAIL_CHECK(bit);
    });
  }
  CHECK(input.unwrap() == input.plain);
}

TEST_CASE("GCM: the input cut at any length is refused, at either end") {
  const Input whole(kGcm);
  for (std::size_t size = 0; size < whole.wrapped.size(); ++size) {
    Input input = whole;
    input.wrapped.resize(size);
    if (!is_refused(input)) FAIL_CHECK(size);
    input.wrapped.assign(whole.wrapped.end() - static_cast<std::ptrdiff_t>(size),
                         whole.wrapped.end());
    if (!is_refused(input)) FAIL_CHECK(size);
  }
  Input longer = whole;
  longer.wrapped.push_back(0);
  CHECK(is_refused(longer));
}

TEST_CASE("GCM: a short tag is no tag") {
  // OpenSSL would compare as many bytes of a tag as it is given.
  const Input whole(kKnown[0]);
  REQUIRE(whole.plain.empty());
  for (std::size_t size = 0; size < core::kGcmTagSize; ++size) {
    Input input = whole;
    input.wrapped.resize(size);
    CHECK(is_refused(input));
  }
}

TEST_CASE("CTR: a flipped bit of the input is not found and flips the plaintext's bit") {
  Input input(kCtr);
  flip_each_bit(input.wrapped, [&](std::size_t bit) {
    Bytes expected = input.plain;
    expected[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    if (input.unwrap() != expected) FAIL_CHECK(bit);
  });
}

TEST_CASE("CTR: a wrong key or IV is not found and gives garbage") {
  Input input(kCtr);
  for (Bytes* field : {&input.kek, &input.iv}) {
    flip_each_bit(*field, [&](std::size_t bit) {
      if (input.unwrap() == input.plain) FAIL_CHECK(bit);
    });
  }
}

TEST_CASE("CTR: the input cut at any length gives as much plaintext") {
  const Input whole(kCtr);
  for (std::size_t size = 0; size <= whole.wrapped.size(); ++size) {
    Input input = whole;
    input.wrapped.resize(size);
    input.plain.resize(size);
    CHECK(input.unwrap() == input.plain);
  }
}

TEST_CASE("a key of any other length than 32 is refused like a wrong one") {
  for (const Known& known : {kGcm, kCtr}) {
    for (std::size_t size = 0; size < 70; ++size) {
      Input input(known);
      input.kek.resize(size);
      if (size != core::kKekSize && !is_refused(input)) FAIL_CHECK(size);
    }
  }
  SUCCEED();
}

TEST_CASE("an IV of any other length is refused") {
  for (const Known& known : {kGcm, kCtr}) {
    for (std::size_t size = 0; size < 40; ++size) {
      Input input(known);
      input.iv.resize(size);
      if (size != core::iv_size(known.type) && !is_refused(input)) FAIL_CHECK(size);
    }
  }
  SUCCEED();
}

TEST_CASE(
    "GCM: what was wrapped under an IV of another length is refused, though OpenSSL opens it") {
  struct Other {
    std::size_t iv_size;
    const char* wrapped;
  };
  // The byte 2a, computed like the known answers.
  constexpr Other kOthers[] = {{8, "bcb8593ee27413fa9846aae0194f078548"},
                               {11, "22ec6ad8e1c0f546b03751d8217665f59e"},
                               {13, "a232929282b09437c6a70aea7d7a0a4ddc"},
                               {16, "0035bd8801ea912987dc9d7e027356f6e2"}};
  for (const Other& other : kOthers) {
    Input input(kKnown[3]);
    input.iv = counting(other.iv_size, 0xa0);
    input.wrapped = from_hex(other.wrapped);
    CHECK(is_refused(input));
  }
}

TEST_CASE("an output of another length is refused and wiped") {
  for (const Known& known : {kGcm, kCtr}) {
    const Input input(known);
    for (const std::size_t size :
         {std::size_t{0}, input.plain.size() - 1, input.plain.size() + 1}) {
      Bytes out(size, 0xa5);
      CHECK(test::status_of([&] {
              cipher().unwrap(input.type, input.kek, input.iv, input.wrapped, out);
            }) == Status::decrypt);
      CHECK(out == Bytes(size));
    }
  }
}

TEST_CASE("the plaintext's length follows from the input's") {
  CHECK(KeyWrapCipher::unwrapped_size(WrapType::a256ctr, 0) == 0);
  CHECK(KeyWrapCipher::unwrapped_size(WrapType::a256ctr, 190) == 190);
  for (std::size_t size = 0; size <= 16; ++size) {
    CHECK(KeyWrapCipher::unwrapped_size(WrapType::a256gcm, size) == 0);
  }
  CHECK(KeyWrapCipher::unwrapped_size(WrapType::a256gcm, 17) == 1);
  CHECK(KeyWrapCipher::unwrapped_size(WrapType::a256gcm, 206) == 190);
}

TEST_CASE("an empty input is an empty plaintext with CTR, and lacks its tag with GCM") {
  const Bytes kek = counting(32);
  Bytes none;
  cipher().unwrap(WrapType::a256ctr, kek, counting(16), {}, none);
  CHECK(test::status_of([&] { cipher().unwrap(WrapType::a256gcm, kek, counting(12), {}, none); }) ==
        Status::decrypt);
}

TEST_CASE("what was wrapped unwraps again, whatever its length") {
  const Bytes kek = counting(32, 100);
  for (const WrapType type : {WrapType::a256gcm, WrapType::a256ctr}) {
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 190U, 100000U}) {
      const Bytes plain = counting(size, 5);
      CHECK(unwrap(type, kek, wrap(type, kek, plain)) == plain);
    }
  }
}

TEST_CASE("wrapping twice gives another IV and another ciphertext") {
  const Bytes kek = counting(32);
  const Bytes plain = counting(190);
  for (const WrapType type : {WrapType::a256gcm, WrapType::a256ctr}) {
    std::vector<Bytes> ivs;
    std::vector<Bytes> all;
    for (int i = 0; i < 100; ++i) {
      Wrapped wrapped = wrap(type, kek, plain);
      ivs.push_back(wrapped.iv);
      all.push_back(wrapped.bytes);
    }
    std::sort(ivs.begin(), ivs.end());
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(ivs.begin(), ivs.end()) == ivs.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  }
}

TEST_CASE("wrapping refuses a key of another length and names both lengths") {
  for (const std::size_t size : {0U, 16U, 24U, 31U, 33U, 64U}) {
    const auto failure = test::failure_of(
        [&] { static_cast<void>(wrap(WrapType::a256gcm, counting(size), counting(8))); });
    CHECK(failure.status == Status::argument);
    CHECK(failure.text == "the key has " + std::to_string(size) + " bytes; wrapping needs 32");
  }
}

TEST_CASE("wrapping into places of another length is our own fault, and refused") {
  const Bytes kek = counting(32);
  Bytes iv(12);
  Bytes short_iv(11);
  Bytes wrapped(8 + 16);
  Bytes short_wrapped(8 + 15);
  const auto status = [&](Bytes& iv_out, Bytes& out) {
    return test::status_of(
        [&] { cipher().wrap(WrapType::a256gcm, kek, counting(8), iv_out, out); });
  };
  CHECK(status(iv, wrapped) == Status::ok);
  CHECK(status(short_iv, wrapped) == Status::internal);
  CHECK(status(iv, short_wrapped) == Status::internal);
}

TEST_CASE("eight threads share one cipher") {
  const Bytes kek = counting(32);
  const Input known(kGcm);
  std::vector<int> wrong(8, 0);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    threads.emplace_back([&, i] {
      const Bytes plain = counting(190, static_cast<unsigned>(i));
      const WrapType type = i % 2 == 0 ? WrapType::a256gcm : WrapType::a256ctr;
      Input spoilt = known;
      spoilt.wrapped[i] ^= 1;
      for (int round = 0; round < 100; ++round) {
        if (unwrap(type, kek, wrap(type, kek, plain)) != plain) ++wrong[i];
        if (known.unwrap() != known.plain) ++wrong[i];
        Bytes out(known.plain.size());
        try {
          cipher().unwrap(spoilt.type, spoilt.kek, spoilt.iv, spoilt.wrapped, out);
          ++wrong[i];
        } catch (const core::Error&) {
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(8, 0));
}

TEST_CASE("the caller's queue of OpenSSL errors stays as it was") {
  ERR_clear_error();
  ERR_raise_data(ERR_LIB_USER, 271, "the caller's own");
  const unsigned long own = ERR_peek_last_error();
  Input input(kGcm);
  input.wrapped.back() ^= 1;
  CHECK(is_refused(input));
  input.kek.clear();
  CHECK(is_refused(input));
  static_cast<void>(Input(kGcm).unwrap());
  static_cast<void>(wrap(WrapType::a256gcm, counting(32), counting(8)));
  const KeyWrapCipher another;
  CHECK(ERR_get_error() == own);
  CHECK(ERR_get_error() == 0);
}

TEST_CASE("an empty queue of OpenSSL errors stays empty") {
  ERR_clear_error();
  Input input(kGcm);
  input.wrapped.back() ^= 1;
  CHECK(is_refused(input));
  CHECK(ERR_peek_error() == 0);
  CHECK(ERR_peek_last_error() == 0);
}

TEST_CASE("a mark in the queue of OpenSSL errors drops what came after it, and nothing before") {
  ERR_clear_error();
  ERR_raise_data(ERR_LIB_USER, 271, "the caller's own");
  const unsigned long own = ERR_peek_last_error();
  {
    const core::evp::ErrorQueueMark outer;
    ERR_raise_data(ERR_LIB_USER, 828, "ours");
    {
      const core::evp::ErrorQueueMark inner;
      ERR_raise_data(ERR_LIB_USER, 182, "ours too");
    }
    CHECK(ERR_GET_REASON(ERR_peek_last_error()) == 828);
  }
  CHECK(ERR_get_error() == own);
  CHECK(ERR_get_error() == 0);
}

}  // namespace oskbc::key_wrap_cipher_test
