// SPDX-License-Identifier: Apache-2.0
#include "format/base64.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/naive_base64.h"

namespace oskbc::base64_test {

using core::Bytes;
using test::naive_base64;
namespace base64 = core::base64;

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct Pair {
  std::string_view plain;
  std::string_view text;
};

// RFC 4648 section 10.
constexpr Pair kPublished[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

std::string text_of(const Bytes& bytes) { return std::string(core::as_text(bytes)); }

bool is_accepted(std::string_view text) { return base64::decode(text).has_value(); }

// Decodes into `size` bytes that were filled before, and says whether a refusal left zeros.
bool refuses_and_wipes(std::string_view text, std::size_t size) {
  Bytes out(size, 0xa5);
  if (base64::decode(text, out)) return false;
  return std::all_of(out.begin(), out.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

TEST_CASE("base64 is RFC 4648's, in both directions") {
  for (const Pair& pair : kPublished) {
    CHECK(base64::encode(core::as_bytes(pair.plain)) == pair.text);
    CHECK(base64::encoded_size(pair.plain.size()) == pair.text.size());
    CHECK(base64::decoded_size(pair.text) == pair.plain.size());
    const auto decoded = base64::decode(pair.text);
    REQUIRE(decoded);
    CHECK(text_of(*decoded) == pair.plain);
  }
}

TEST_CASE("every character of the alphabet stands for its six bits") {
  for (std::size_t value = 0; value < kAlphabet.size(); ++value) {
    const auto decoded = base64::decode(std::string("AAA") + kAlphabet[value]);
    REQUIRE(decoded);
    CHECK(*decoded == Bytes{0, 0, static_cast<std::uint8_t>(value)});
    CHECK(base64::encode(*decoded).back() == kAlphabet[value]);
  }
}

TEST_CASE("of all two-character tails just the 256 canonical ones are accepted") {
  int accepted = 0;
  for (const char a : kAlphabet) {
    for (const char b : kAlphabet) {
      const std::string text = {a, b, '=', '='};
      const bool canonical = kAlphabet.find(b) % 16 == 0;
      if (is_accepted(text) != canonical) FAIL_CHECK(text);
      if (!canonical) continue;
      ++accepted;
      if (base64::decode(text) != naive_base64(text)) FAIL_CHECK(text);
      if (base64::encode(*base64::decode(text)) != text) FAIL_CHECK(text);
    }
  }
  CHECK(accepted == 256);
}

TEST_CASE("of all three-character tails just the 65536 canonical ones are accepted") {
  int accepted = 0;
  int wrong = 0;
  std::string text = "AAA=";
  for (const char a : kAlphabet) {
    for (const char b : kAlphabet) {
      for (const char c : kAlphabet) {
        text.replace(0, 3, {a, b, c});
        const bool canonical = kAlphabet.find(c) % 4 == 0;
        if (is_accepted(text) != canonical) ++wrong;
        if (!canonical) continue;
        ++accepted;
        if (base64::decode(text) != naive_base64(text)) ++wrong;
      }
    }
  }
  CHECK(accepted == 65536);
  CHECK(wrong == 0);
}

TEST_CASE("loose bits in the last character are refused") {
  CHECK(is_accepted("QQ=="));
  for (const char* text : {"QR==", "QS==", "QX==", "Qf==", "Q/=="}) CHECK_FALSE(is_accepted(text));
  CHECK(is_accepted("QUI="));
  for (const char* text : {"QUJ=", "QUK=", "QUL=", "QU/="}) CHECK_FALSE(is_accepted(text));
}

TEST_CASE("padding is needed, at the end only and not more than needed") {
  for (const char* text :
       {"Q",     "QQ",       "QQ=",      "QUI",      "QUJDQ",   "QUJDQQ", "QUJDQQ=", "QUJDQUI",
        "=",     "==",       "===",      "====",     "Q===",    "QQ===",  "QQ====",  "QUI==",
        "QUJD=", "QUJD==",   "QUJD====", "=QQ=",     "Q=Q=",    "Q=QQ",   "QQ=Q",    "=QQQ",
        "==QQ",  "QQ==QQ==", "QUI=QUJD", "QQ==QUJD", "QUJD=QQ="}) {
    CHECK_FALSE(is_accepted(text));
  }
}

TEST_CASE("nothing else passes: white space, other alphabets, NULs, text around") {
  using namespace std::string_literals;
  for (const std::string& text : {" QUJD"s,         "QUJD "s,
                                  "QUJD\n"s,        "QUJD\r\n"s,
                                  "\nQUJD"s,        "QU JD"s,
                                  "QU\nJD"s,        "QUJD\nQUJD"s,
                                  "QUJD\r\nQUJD"s,  "QUJDQUJ\n"s,
                                  "    "s,          "\0\0\0\0"s,
                                  "QUJ\0"s,         "QUJD\0"s,
                                  "QUJD\0\0\0\0"s,  "--__"s,
                                  "QU-_"s,          "QU.,"s,
                                  "\"QUJDQU\""s,    "QUJD,QUJD"s,
                                  "QUJD,QUJDQUJ"s,  "\xef\xbb\xbfQUJDQ"s,
                                  "\xef\xbc\xa1Q"s, "%3D="s}) {
    CHECK_FALSE(is_accepted(text));
  }
}

TEST_CASE("every byte value at every position of a text has the verdict of the alphabet") {
  constexpr std::string_view kText = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2Bh";
  int wrong = 0;
  for (std::size_t position = 0; position < kText.size(); ++position) {
    for (int value = 0; value < 256; ++value) {
      std::string text(kText);
      text[position] = static_cast<char>(value);
      // At the end a single padding character would be fine, were it not for the loose bits
      // of the B before it.
      const bool fits = kAlphabet.find(text[position]) != std::string_view::npos;
      if (is_accepted(text) != fits) ++wrong;
      if (fits && base64::decode(text) != naive_base64(text)) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("every byte value at every position of a padded text has the verdict of the alphabet") {
  int wrong = 0;
  for (const std::string_view whole :
       {"QUJDQQ==", "QUJDQUI=", "QUJDREVGR0hJSktMTU5PQQ==", "QUJDREVGR0hJSktMTU5PQUI="}) {
    const std::size_t characters = whole.find('=');
    for (std::size_t position = 0; position < characters; ++position) {
      for (int value = 0; value < 256; ++value) {
        std::string text(whole);
        text[position] = static_cast<char>(value);
        const std::size_t bits = kAlphabet.find(text[position]);
        const std::size_t step = position + 1 < characters ? 1 : (characters % 4 == 2 ? 16 : 4);
        const bool fits = bits != std::string_view::npos && bits % step == 0;
        if (is_accepted(text) != fits) ++wrong;
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("random bytes of every length from 0 to 100 come back") {
  std::mt19937 random(4648);
  for (std::size_t size = 0; size <= 100; ++size) {
    for (int round = 0; round < 20; ++round) {
      Bytes bytes(size);
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
      const std::string text = base64::encode(bytes);
      const auto decoded = base64::decode(text);
      if (text.size() != base64::encoded_size(size)) FAIL_CHECK(text);
      if (!decoded || *decoded != bytes) FAIL_CHECK(text);
      if (naive_base64(text) != bytes) FAIL_CHECK(text);
    }
  }
  SUCCEED();
}

TEST_CASE("a refusal wipes what was decoded so far") {
  // The fault in the first, an inner and the last group, and in each kind of tail.
  CHECK(refuses_and_wipes("*UJDREVGR0hJ", 9));
  CHECK(refuses_and_wipes("QUJDRE*GR0hJ", 9));
  CHECK(refuses_and_wipes("QUJDREVGR0h*", 9));
  CHECK(refuses_and_wipes("QUJDREVGRw=*", 9));
  CHECK(refuses_and_wipes("QUJDREVGR*==", 7));
  CHECK(refuses_and_wipes("QUJDREVGRx==", 7));
  CHECK(refuses_and_wipes("QUJDREVGR0h=", 8));
  CHECK(refuses_and_wipes("QUJDREVGR*g=", 8));
}

TEST_CASE("decoding writes exactly the decoded size") {
  for (const Pair& pair : kPublished) {
    Bytes larger(pair.plain.size() + 1, 0xa5);
    CHECK_FALSE(base64::decode(pair.text, larger));
    const core::ByteSpan exact = core::ByteSpan(larger).first(pair.plain.size());
    CHECK(base64::decode(pair.text, exact));
    CHECK(larger.back() == 0xa5);
    if (!pair.plain.empty()) CHECK_FALSE(base64::decode(pair.text, exact.first(exact.size() - 1)));
  }
}

TEST_CASE("a length that no base64 has has no decoded size") {
  for (std::size_t size = 0; size < 40; ++size) {
    CHECK(base64::decoded_size(std::string(size, 'A')).has_value() == (size % 4 == 0));
  }
}

TEST_CASE("encoding writes exactly the encoded size") {
  const Bytes bytes = {0xfb, 0xff, 0xbf, 0x00, 0x10};
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    std::string out(base64::encoded_size(size) + 1, '~');
    base64::encode(core::ByteView(bytes).first(size),
                   std::span<char>(out.data(), base64::encoded_size(size)));
    CHECK(out.back() == '~');
    CHECK(out.find('~') == out.size() - 1);
  }
  CHECK(base64::encode(bytes) == "+/+/ABA=");
}

}  // namespace oskbc::base64_test
