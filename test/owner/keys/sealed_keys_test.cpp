// SPDX-License-Identifier: Apache-2.0
#include "owner/keys/sealed_keys.h"

#include <string>

#include "base/status.h"
#include "format/base64.h"
#include "owner/keys/keys_file.h"
#include "owner/sev_vectors.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::sealed_keys_test {

using core::Status;
using owner::KeysLocation;

namespace {

const core::Bytes kKey(32, 0x2a);
constexpr std::string_view kKeys = R"({"a": "QUJD"})";

std::string sealed() {
  owner::SystemRandom random;
  return owner::seal_keys(core::as_bytes(kKeys), kKey, random);
}

test::Failure unseal_failure(const std::string& text, core::ByteView key = kKey) {
  return test::failure_of([&] { static_cast<void>(owner::unseal_keys(text, key, "F")); });
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("what is sealed opens with its key, and each time is another") {
  CHECK(owner::is_sealed(sealed()));
  CHECK(owner::unseal_keys(sealed(), kKey, "F").expose_text() == kKeys);
  CHECK(sealed() != sealed());
  CHECK(sealed().find("QUJD") == std::string::npos);
}

TEST_CASE("a keys file of another program's is read") {
  // By python3-cryptography: AESGCM(key).encrypt(b"\0" * 12, b'{"a": "QUJD"}', header).
  const std::string text =
      R"({"ciphertext":"o4NDmJM_be4ttDgQ1w","protected":"eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0","tag":"ID6zj3n7jDD8TRD8tBxaOQ","iv":"AAAAAAAAAAAAAAAA"})";
  CHECK(owner::unseal_keys(text, kKey, "F").expose_text() == kKeys);
}

TEST_CASE("another key, or a changed file, opens nothing") {
  const core::Bytes other(32, 0x2b);
  CHECK(unseal_failure(sealed(), other).status == Status::decrypt);
  CHECK(unseal_failure(sealed(), other).text == "F does not open with this key, or was changed");
  std::string text = sealed();
  const std::size_t tag = text.find("\"tag\": \"") + 8;
  text[tag] = text[tag] == 'A' ? 'B' : 'A';
  CHECK(unseal_failure(text).status == Status::decrypt);
}

TEST_CASE("other forms of JWE are refused") {
  CHECK(unseal_failure("{}").status == Status::keyset);
  // {"alg":"A256KW","enc":"A256GCM"}
  CHECK(unseal_failure(replaced(sealed(), "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0",
                                "eyJhbGciOiJBMjU2S1ciLCJlbmMiOiJBMjU2R0NNIn0"))
            .status == Status::keyset);
  CHECK(unseal_failure(replaced(sealed(), "{", R"({"header": "x", )")).status == Status::keyset);
  CHECK(unseal_failure(replaced(sealed(), R"("iv": ")", R"("iv": "AAAA)")).status ==
        Status::keyset);
  CHECK(unseal_failure(replaced(sealed(), R"("iv": ")", R"("iv": "=)")).status == Status::keyset);
}

TEST_CASE("a keyset is not taken for one that is sealed") {
  for (const char* text : {"", "{}", R"({"protected": "QUJD", "tag": ""})", "[]", R"({"a": )"}) {
    CHECK_FALSE(owner::is_sealed(text));
  }
}

TEST_CASE("a keys file is sealed, used, and unsealed") {
  const test::TempFolder folder;
  const KeysLocation keys(folder.write("keys.json", kKeys), folder.path("key"));
  CHECK(owner::seal_keys_file(keys));
  CHECK(folder.mode("key") == 0600);
  CHECK(folder.mode("keys.json") == 0600);
  CHECK(owner::is_sealed(folder.read("keys.json")));
  owner::add_keys(keys, std::vector<std::string>{"b"});
  CHECK(owner::add_key_beside(keys, "b", "") == "b-2");
  CHECK(owner::add_key_beside(keys, "b", "") == "b-3");
  CHECK(owner::add_key_beside(keys, "b", "other") == "other");
  owner::remove_keys(keys, std::vector<std::string>{"b", "b-3"});
  CHECK(owner::is_sealed(folder.read("keys.json")));
  CHECK(owner::KeysFile(owner::read_keys_file(keys)).ids() ==
        std::vector<std::string>{"a", "b-2", "other"});
  const auto without_key =
      test::failure_of([&] { static_cast<void>(owner::read_keys_file(keys.file)); });
  CHECK(without_key.status == Status::argument);
  CHECK_THAT(without_key.text, Catch::ContainsSubstring("is encrypted; --keys-key names"));
  CHECK(test::status_of([&] { static_cast<void>(owner::seal_keys_file(keys)); }) ==
        Status::argument);
  owner::unseal_keys_file(keys);
  CHECK(folder.read("keys.json").starts_with("{\"a\": \"QUJD\",\"b-2\": \""));
  CHECK(test::status_of([&] { owner::unseal_keys_file(keys); }) == Status::argument);
}

TEST_CASE("a key that is there is taken, raw or in base64, and a wrong one changes nothing") {
  const test::TempFolder folder;
  const std::string file = folder.write("keys.json", kKeys);
  const std::string raw = folder.write("raw", kKey);
  const std::string base64 =
      folder.write("base64", core::base64::encode(core::ByteView(kKey)) + "\n");
  const std::string brief = folder.write("brief", std::string_view("short"));
  CHECK_FALSE(owner::seal_keys_file({file, raw}));
  CHECK(owner::read_keys_file({file, base64}).expose_text() == kKeys);
  const std::string before = folder.read("keys.json");
  CHECK(test::status_of([&] {
          owner::add_keys({file, brief}, std::vector<std::string>{"b"});
        }) == Status::argument);
  CHECK(folder.read("keys.json") == before);
}

}  // namespace oskbc::sealed_keys_test
