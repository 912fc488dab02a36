// SPDX-License-Identifier: Apache-2.0
#include "format/jwe.h"

#include <string>

#include "base/error.h"
#include "base/status.h"
#include "support/catch.h"
#include "support/jwe_maker.h"
#include "unit/failure.h"

namespace oskbc::jwe_test {

using core::Jwe;
using core::JweAlgorithm;
using core::Status;
using test::JweMaker;

namespace {

core::ByteSpan bytes_of(std::string& text) {
  return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

test::Failure failure_of(std::string text) {
  return test::failure_of([&] { static_cast<void>(core::read_jwe(bytes_of(text))); });
}

void check_refused(const std::string& text) {
  INFO(text);
  CHECK(failure_of(text).status == Status::keyset);
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = JweMaker().make("{}");
  const std::size_t start = text.find(from);
  REQUIRE(start != std::string::npos);
  return text.replace(start, from.size(), to);
}

std::string with_header(const std::string& header) {
  JweMaker maker;
  maker.header = header;
  return maker.make("{}");
}

}  // namespace

TEST_CASE("a JWE is taken apart, and its ciphertext lies at the start of the text") {
  const bool wraps = GENERATE(false, true);
  JweMaker maker;
  maker.wraps = wraps;
  std::string text = maker.make("some text of any length");
  const Jwe jwe = core::read_jwe(bytes_of(text));
  CHECK(jwe.algorithm == (wraps ? JweAlgorithm::a256kw : JweAlgorithm::dir));
  CHECK(jwe.kid == "oskbc/keyset/key");
  CHECK(jwe.ciphertext.size() == 23);
  CHECK(jwe.ciphertext.data() == bytes_of(text).data());
  CHECK(std::string(jwe.iv.begin(), jwe.iv.end()) == maker.iv);
  const auto sealed = test::jwe_maker::seal(wraps ? maker.cek : maker.kek, maker.iv, jwe.header,
                                            "some text of any length");
  CHECK(core::as_text(jwe.ciphertext) == sealed.ciphertext);
  CHECK(core::as_text(jwe.tag) == sealed.tag);
}

TEST_CASE("ciphertexts of every length are decoded in their place") {
  for (std::size_t size = 0; size < 100; ++size) {
    const std::string plain(size, static_cast<char>(0x80 + size));
    std::string text = JweMaker().make(plain);
    const Jwe jwe = core::read_jwe(bytes_of(text));
    const auto sealed = test::jwe_maker::seal(JweMaker().kek, JweMaker().iv, jwe.header, plain);
    CHECK(core::as_text(jwe.ciphertext) == sealed.ciphertext);
  }
}

TEST_CASE("order and white space of the members don't matter, and a slash may be escaped") {
  std::string text =
      with_header(R"( { "kid" : "oskbc\/keyset\/key", "enc":"A256GCM","alg":"dir"})");
  text.insert(1, "\n  ");
  text += "\n";
  CHECK(core::read_jwe(bytes_of(text)).kid == "oskbc/keyset/key");
}

TEST_CASE("with dir, the key that is not wrapped may be empty, as jose writes it") {
  std::string text = with("{", R"({"encrypted_key":"",)");
  CHECK(core::read_jwe(bytes_of(text)).algorithm == JweAlgorithm::dir);
}

TEST_CASE("nothing but what is needed is accepted") {
  for (const char* text : {"", "{}", "[]", "a.b.c.d.e", "\xef\xbb\xbf{}"}) check_refused(text);
  check_refused(with("{", R"({"unprotected":{},)"));
  check_refused(with("{", R"({"header":{"alg":"dir"},)"));
  check_refused(with("{", R"({"recipients":[],)"));
  check_refused(with("{", R"({"aad":"AAAA",)"));
  check_refused(with("{", R"({"encrypted_key":"AA",)"));
  check_refused(with("{", R"({"iv":"aWlpaWlpaWlpaWlp",)"));
  check_refused(with("\"iv\"", "\"vi\""));
  check_refused(with("\"iv\":\"a", "\"iv\":\"\\u0061"));
  check_refused(JweMaker().make("{}") + "{}");
  check_refused(JweMaker().make("{}") + std::string(1, '\0'));
  JweMaker wrapping;
  wrapping.wraps = true;
  std::string text = wrapping.make("{}");
  text.replace(text.find("encrypted_key"), 13, "encrypted_kex");
  check_refused(text);
}

TEST_CASE("only dir and A256KW with A256GCM are accepted, without compression or anything else") {
  const std::string rest = R"("enc":"A256GCM","kid":"k"})";
  for (const char* alg : {"A128KW", "RSA-OAEP", "PBES2-HS256+A128KW", "A256GCMKW", "DIR", ""}) {
    check_refused(with_header(std::string(R"({"alg":")") + alg + "\"," + rest));
  }
  check_refused(with_header(R"({"alg":"dir","enc":"A128GCM","kid":"k"})"));
  check_refused(with_header(R"({"alg":"dir","enc":"A256CBC-HS512","kid":"k"})"));
  check_refused(with_header(R"({"alg":"dir","zip":"DEF",)" + rest));
  check_refused(with_header(R"({"alg":"dir","crit":[],)" + rest));
  check_refused(with_header(R"({"alg":"dir","alg":"dir",)" + rest));
  check_refused(with_header(R"({"alg":"dir","enc":"A256GCM"})"));
  check_refused(with_header(R"({"kid":"k","enc":"A256GCM"})"));
  check_refused(with_header(R"({"alg":"dir","kid":"k"})"));
  check_refused(with_header(R"({"alg":"dir","enc":"A256GCM","kid":7})"));
  check_refused(with_header("[]"));
  check_refused(
      with_header(R"({"alg":"dir","enc":"A256GCM","kid":")" + std::string(2000, 'k') + "\"}"));
}

TEST_CASE("parts are base64url of their length, written in the one way there is") {
  for (const char* iv : {"", "aWlpaWlpaWlpaWl", "aWlpaWlpaWlpaWlpaQ", "aWlpaWlpaWlpaWl+",
                         "aWlpaWlpaWlpaWl/", "aWlpaWlpaWlpaWl=", "aWlpaWlp aWlpaWlp"}) {
    check_refused(with("aWlpaWlpaWlpaWlp", iv));
  }
  // The last character of 16 bytes has four bits that stand for nothing.
  std::string text = JweMaker().make("{}");
  const std::size_t tag = text.find("\"tag\":\"") + 7;
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  char& last = text[tag + 21];
  last = kAlphabet[kAlphabet.find(last) + 1];
  check_refused(text);
  const std::string plain(48, 'p');
  for (const char foreign : {'+', '/', '=', ' ', '.', '\x80'}) {
    for (const std::size_t at : {std::size_t{0}, std::size_t{17}, std::size_t{63}}) {
      std::string other = JweMaker().make(plain);
      other[other.find("\"ciphertext\":\"") + 14 + at] = foreign;
      check_refused(other);
    }
  }
}

}  // namespace oskbc::jwe_test
