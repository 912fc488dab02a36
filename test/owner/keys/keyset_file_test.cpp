// SPDX-License-Identifier: Apache-2.0
#include "owner/keys/keyset_file.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/status.h"
#include "format/jwe.h"
#include "format/keyset.h"
#include "owner/crypto/aes.h"
#include "owner/crypto/hash.h"
#include "owner/keys/sealed_keys.h"
#include "support/catch.h"
#include "support/temp_folder.h"
#include "unit/failure.h"

namespace oskbc::keyset_file_test {

using core::Status;
using owner::KeysFile;
using owner::KeysLocation;

namespace {

constexpr std::string_view kKeys = R"({"a": "QUJD", "b": "REVG"})";
const std::string kKeyId(core::kFileKeyId);
const std::string kDigestId(core::kFileDigestId);

KeysFile read(const KeysLocation& keys) { return KeysFile(owner::read_keys_file(keys)); }

// What a guest decrypts, with OpenSSL's usual interface.
std::string opened(std::string file, const KeysFile& keys) {
  const core::Jwe jwe = core::read_jwe({reinterpret_cast<std::uint8_t*>(file.data()), file.size()});
  core::Bytes sealed(jwe.iv.begin(), jwe.iv.end());
  sealed.insert(sealed.end(), jwe.ciphertext.begin(), jwe.ciphertext.end());
  sealed.insert(sealed.end(), jwe.tag.begin(), jwe.tag.end());
  const auto plain = owner::unseal(keys.value(kKeyId).expose(),
                                   core::as_bytes(std::string_view(jwe.header)), sealed);
  CHECK(jwe.kid == kKeyId);
  return std::string(plain.expose_text());
}

}  // namespace

TEST_CASE("keys are sealed into a file, whose key and digest the keys file then has") {
  const test::TempFolder folder;
  const KeysLocation keys(folder.write("keys.json", kKeys));
  const auto sealed = owner::seal_keyset_file(keys, {}, folder.path("out"), false, false);
  CHECK(sealed.keys == 2);
  CHECK(sealed.made_key);
  const std::string file = folder.read("out");
  CHECK(sealed.bytes == file.size());
  const KeysFile now = read(keys);
  CHECK(now.ids() == std::vector<std::string>{"a", "b", kKeyId, kDigestId});
  CHECK(opened(file, now) == kKeys);
  const auto digest = owner::sha256(core::as_bytes(std::string_view(file)));
  CHECK(std::ranges::equal(now.value(kDigestId).expose(), digest));
  CHECK(folder.mode("keys.json") == 0600);
}

TEST_CASE("sealed again, the key is kept unless a new one is asked for, and the two never go in") {
  const test::TempFolder folder;
  const KeysLocation keys(folder.write("keys.json", kKeys));
  static_cast<void>(owner::seal_keyset_file(keys, {}, folder.path("out"), false, false));
  const std::string first(read(keys).value(kKeyId).expose_text());
  const std::vector<std::string> some = {"b"};
  const auto again = owner::seal_keyset_file(keys, some, folder.path("out"), false, true);
  CHECK_FALSE(again.made_key);
  CHECK(again.keys == 1);
  CHECK(read(keys).value(kKeyId).expose_text() == first);
  CHECK(opened(folder.read("out"), read(keys)) == R"({"b": "REVG"})");
  const auto anew = owner::seal_keyset_file(keys, {}, folder.path("out"), true, true);
  CHECK(anew.made_key);
  CHECK(anew.keys == 2);
  CHECK(read(keys).value(kKeyId).expose_text() != first);
  CHECK(read(keys).size() == 4);
}

TEST_CASE("what can't be sealed leaves keys and file as they were") {
  const test::TempFolder folder;
  const KeysLocation keys(folder.write("keys.json", kKeys));
  const auto refusal = [&](const std::vector<std::string>& ids, const std::string& file) {
    return test::status_of([&] {
      static_cast<void>(owner::seal_keyset_file(keys, ids, folder.path(file), false, false));
    });
  };
  static_cast<void>(folder.write("there", std::string_view("x")));
  CHECK(refusal({"c"}, "out") == Status::unknown_key);
  CHECK(refusal({kKeyId}, "out") == Status::argument);
  CHECK(refusal({"a", kDigestId}, "out") == Status::argument);
  CHECK(refusal({}, "there") == Status::argument);
  CHECK(refusal({}, "no/folder") == Status::io);
  CHECK(folder.read("keys.json") == kKeys);
  CHECK(folder.read("there") == "x");
  static_cast<void>(folder.write("keys.json", std::string_view("{}")));
  CHECK(refusal({}, "out") == Status::argument);
  static_cast<void>(
      folder.write("keys.json", std::string_view(R"({"a":"","oskbc/keyset/key":"QUJD"})")));
  CHECK(refusal({}, "out") == Status::argument);
}

TEST_CASE("a keys file that is encrypted stays so") {
  const test::TempFolder folder;
  const KeysLocation keys(folder.write("keys.json", kKeys), folder.path("key"));
  CHECK(owner::seal_keys_file(keys));
  static_cast<void>(owner::seal_keyset_file(keys, {}, folder.path("out"), false, false));
  CHECK(owner::is_sealed(folder.read("keys.json")));
  CHECK(opened(folder.read("out"), read(keys)) == kKeys);
}

TEST_CASE("a value is replaced in its place, or comes after the others") {
  const std::string_view text = "{\n  \"a\": \"QUJD\",\n  \"b\": \"REV\\u0047\"\n}\n";
  core::SecretBytes copy(text.size());
  std::ranges::copy(core::as_bytes(text), copy.expose_writable().begin());
  const KeysFile file(std::move(copy));
  CHECK(file.value("b").expose_text() == "DEF");
  const auto bytes = core::as_bytes(std::string_view("xyz"));
  CHECK(file.with_value("a", bytes).expose_text() ==
        "{\n  \"a\": \"eHl6\",\n  \"b\": \"REV\\u0047\"\n}\n");
  CHECK(file.with_value("b", bytes).expose_text() ==
        "{\n  \"a\": \"QUJD\",\n  \"b\": \"eHl6\"\n}\n");
  CHECK(file.with_value("c", {}).expose_text() ==
        "{\n  \"a\": \"QUJD\",\n  \"b\": \"REV\\u0047\",\n  \"c\": \"\"\n}\n");
  CHECK(KeysFile().with_value("c", bytes).expose_text() == "{\n  \"c\": \"eHl6\"\n}\n");
  CHECK(test::status_of([&] { static_cast<void>(file.with_value("", bytes)); }) ==
        Status::argument);
  CHECK(test::status_of([&] { static_cast<void>(file.value("c")); }) == Status::unknown_key);
}

}  // namespace oskbc::keyset_file_test
