// SPDX-License-Identifier: Apache-2.0
// The runner's own parts: a runner that takes anything proves nothing.
#include <stdexcept>
#include <string>

#include "byte_call.h"
#include "sha256.h"
#include "support/catch.h"
#include "vector_file.h"

namespace oskbc_test {
namespace {

const std::string kGood =
    "comment: c\noperation: unwrap\nexpect: OSKBC_OK\nkeyset: {}\nplaintext-hex:\n\nbody\n\nmore";

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = kGood;
  return text.replace(text.find(from), from.size(), to);
}

TEST_CASE("a vector file is read") {
  const Vector vector = parse_vector(kGood);
  CHECK(vector.expect == OSKBC_OK);
  CHECK(vector.keyset == "{}");
  CHECK(vector.plaintext == "");
  CHECK(vector.body == "body\n\nmore");
}

TEST_CASE("a vector file with a mistake is refused") {
  const std::string files[] = {
      replaced("comment", "coment"),
      replaced("comment: c\n", ""),
      replaced("comment: c\n", "comment: c\ncomment: d\n"),
      replaced("comment: c\n", "comment c\n"),
      replaced("expect: OSKBC_OK\n", ""),
      replaced("OSKBC_OK", "OSKBC_E_PACKETS"),
      replaced("OSKBC_OK", "OSKBC_E_PACKET"),
      replaced("unwrap", "unwrapp"),
      replaced("unwrap", "open"),
      replaced("keyset: {}\n", ""),
      replaced("keyset: {}\n", "keyset: {}\nkeyset-hex: 7b7d\n"),
      replaced("keyset: {}\n", "keyset-hex: 7\n"),
      replaced("keyset: {}\n", "keyset-hex: 7B7D\n"),
      replaced("plaintext-hex:\n", ""),
      replaced("plaintext-hex:\n", "plaintext-hex:\nplaintext-sha256: 00\n"),
      replaced("plaintext-hex:\n", "plaintext-hex:\nkey-count: 1\n"),
      replaced("plaintext-hex:\n", "plaintext-hex:\nkey-id: a\n"),
      replaced("plaintext-hex:\n", "plaintext-hex:\nrequire-authenticated: maybe\n"),
      replaced("\n\nbody\n\nmore", "\n"),
      ""};
  for (const std::string& file : files) {
    INFO(file);
    CHECK_THROWS_AS(parse_vector(file), std::runtime_error);
  }
}

TEST_CASE("SHA-256 gives the standard's examples") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("an answer of the key provider is taken apart") {
  CHECK(answer_bytes(R"({"keyunwrapresults":{"optsdata":[]}})").empty());
  CHECK(answer_bytes(R"({ "keyunwrapresults": {"optsdata": [97, 98]} })") == "ab");
  const char* bad[] = {"",
                       "{}",
                       R"({"keyunwrapresults":{"optsdata":"YWI="}})",
                       R"({"keyunwrapresults":{"optsdata":[256]}})",
                       R"({"keyunwrapresults":{"optsdata":[-1]}})",
                       R"({"keyunwrapresults":{"optsdata":[01]}})",
                       R"({"keyunwrapresults":{"optsdata":[1,]}})",
                       R"({"keyunwrapresults":{"optsdata":[,1]}})",
                       R"({"keyunwrapresults":{"optsdata":[1]}}x)"};
  for (const char* answer : bad) {
    INFO(answer);
    CHECK_THROWS_AS(answer_bytes(answer), std::runtime_error);
  }
}

TEST_CASE("a message that repeats its input is noticed") {
  const std::string input = R"({"kid":"default/key/key_id1","wrapped_data":"x"})";
  CHECK(leaked_word("the member wrapped_data is missing", {input}).empty());
  CHECK(leaked_word("no key default/key/key_id1", {input}) == "default/key/key_id1");
  CHECK(leaked_word("kid=default/key/key_id1.", {"other", input}) == "default/key/key_id1");
  CHECK(leaked_word("A256GCM is read", {"A256GC"}).empty());
}

TEST_CASE("a write outside a buffer is noticed") {
  GuardedBuffer buffer(4);
  CHECK(buffer.untouched());
  buffer.data()[0] = 0;
  CHECK_FALSE(buffer.untouched());
  CHECK(buffer.untouched_or_wiped());
  buffer.data()[1] = 1;
  CHECK_FALSE(buffer.untouched_or_wiped());
  CHECK(buffer.guards_intact());
  buffer.data()[4] = 0;
  CHECK_FALSE(buffer.guards_intact());
}

}  // namespace
}  // namespace oskbc_test
