// SPDX-License-Identifier: Apache-2.0
#include "luks/header.h"

#include <string>

#include "luks/luks_header.h"
#include "support/catch.h"
#include "support/refused.h"

namespace oskbc::header_test {

using core::Bytes;
using core::ByteView;
using luks::Header;
using luks::read_header;
using test::changed_json;
using test::Copy;
using test::make_header;

namespace {

std::string refusal(ByteView bytes) {
  return test::refusal_of([bytes] { static_cast<void>(read_header(bytes)); });
}

std::string refusal(const std::string& from, const std::string& to) {
  return refusal(make_header(changed_json(from, to)));
}

}  // namespace

TEST_CASE("a header in its ordinary state is read") {
  const Header header = read_header(make_header(test::good_json()));
  CHECK(header.uuid == test::kUuid);
  CHECK(header.cipher == "aes-xts-plain64");
  CHECK(header.integrity == "none");
  CHECK(header.key_size == 64);
  CHECK(header.whole_size == 16777216);
  REQUIRE(header.keyslots.size() == 1);
  CHECK(header.keyslots[0].name == "keyslot 0");
  CHECK(header.keyslots[0].cipher == "aes-xts-plain64");
}

TEST_CASE("what cryptsetup may have chosen otherwise is read, too") {
  const auto is_read = [](const std::string& from, const std::string& to) {
    INFO(to);
    CHECK(refusal(from, to) == "");
  };
  is_read(R"({"type":"pbkdf2","hash":"sha256","iterations":100000,"salt":"3q2+7w=="}}},"tokens")",
          R"({"type":"argon2id","time":4,"memory":1048576,"cpus":4,"salt":"3q2+7w=="}}},"tokens")");
  is_read(R"("af":)", R"("priority":1,"af":)");
  is_read(R"("sector_size":512)", R"("sector_size":4096,"flags":[])");
  is_read(R"("size":"dynamic")", R"("size":"1048576")");
  is_read(
      R"("keyslots_size":"16744448")",
      R"("keyslots_size":"16744448","flags":["allow-discards"],"requirements":{"mandatory":[]})");
}

TEST_CASE("integrity is as the header names it") {
  const std::string json = changed_json(
      R"("sector_size":512)",
      R"-("sector_size":512,"integrity":{"type":"hmac(sha256)","journal_encryption":"none","journal_integrity":"none"})-");
  CHECK(read_header(make_header(json)).integrity == "hmac(sha256)");
}

TEST_CASE("copies that are not whole, not LUKS2, or not where they should be are refused") {
  CHECK(refusal({}) == "this is no LUKS header");
  CHECK(refusal(Bytes(4096)) == "this is no LUKS header");
  Bytes bytes = make_header(test::good_json());
  CHECK(refusal(ByteView(bytes).first(4095)) == "this is no LUKS header");
  CHECK(refusal(ByteView(bytes).first(32767)) == "the header is cut off");
  bytes[16384 + 1] ^= 1;
  CHECK(refusal(bytes) == "the header's second copy is missing");
  Copy copy;
  copy.version = 1;
  CHECK_THAT(refusal(make_header(copy, copy)), Catch::ContainsSubstring("not LUKS2"));
  Bytes odd = make_header(test::good_json());
  odd[14] ^= 0x20;
  CHECK_THAT(refusal(odd), Catch::ContainsSubstring("a length that LUKS2 does not know"));
  Bytes moved = make_header(test::good_json());
  moved[263] ^= 1;
  CHECK(refusal(moved) == "the header does not say where and how long it is");
}

TEST_CASE("a change anywhere in either copy breaks its checksum") {
  for (const std::size_t where : {30U, 200U, 4095U, 4096U, 16383U}) {
    for (const std::size_t copy : {0U, 16384U}) {
      Bytes bytes = make_header(test::good_json());
      bytes[copy + where] ^= 1;
      INFO(copy + where);
      CHECK_THAT(refusal(bytes), Catch::ContainsSubstring("checksum") ||
                                     Catch::ContainsSubstring("without an end") ||
                                     Catch::ContainsSubstring("damaged"));
    }
  }
  Copy other;
  other.checksum_name = "sha1";
  CHECK_THAT(refusal(make_header(other, other)), Catch::ContainsSubstring("SHA-256"));
}

TEST_CASE("copies that differ are refused, whichever is the younger") {
  const Copy good;
  Copy other;
  for (const std::uint64_t sequence : {2U, 4U}) {
    other.sequence = sequence;
    CHECK_THAT(refusal(make_header(good, other)), Catch::ContainsSubstring("copies differ"));
  }
  other = {};
  other.uuid[0] = 'd';
  CHECK_THAT(refusal(make_header(other, good)), Catch::ContainsSubstring("copies differ"));
  other = {};
  other.json = changed_json("100000", "100001");
  CHECK_THAT(refusal(make_header(other, good)), Catch::ContainsSubstring("copies differ"));
}

TEST_CASE("nothing may follow the JSON or the UUID") {
  Copy copy;
  copy.json += std::string(1, '\0') + "{}";
  CHECK(refusal(make_header(copy, copy)) == "the header's JSON has no end, or something after it");
  copy = {};
  copy.json = std::string(12288, ' ');
  CHECK(refusal(make_header(copy, copy)) == "the header's JSON has no end, or something after it");
  copy = {};
  copy.uuid += std::string(1, '\0') + "x";
  CHECK_THAT(refusal(make_header(copy, copy)), Catch::ContainsSubstring("without an end"));
}

TEST_CASE("an unfinished change is refused") {
  CHECK_THAT(
      refusal(R"("keyslots_size":"16744448")",
              R"("keyslots_size":"16744448","requirements":{"mandatory":["online-reencrypt"]})"),
      Catch::ContainsSubstring("re-encryption"));
  CHECK_THAT(refusal(R"("type":"luks2")", R"("type":"reencrypt")"),
             Catch::ContainsSubstring("unfinished change"));
  CHECK_THAT(refusal(R"("sector_size":512)", R"("sector_size":512,"flags":["in-reencryption"])"),
             Catch::ContainsSubstring("unfinished change"));
}

TEST_CASE("a segment that is not encrypted, or one more, is refused") {
  CHECK(refusal(R"("type":"crypt")", R"("type":"linear")") == "segment 0 is not encrypted");
  CHECK_THAT(refusal(R"("segments":{"0":)", R"("segments":{"1":{"type":"linear"},"0":)"),
             Catch::ContainsSubstring("segments are not exactly one"));
}

TEST_CASE("offsets that reach into something else are refused") {
  CHECK_THAT(refusal(R"("offset":"16777216")", R"("offset":"16773120")"),
             Catch::ContainsSubstring("not after the header"));
  CHECK_THAT(refusal(R"("offset":"16777216")", R"("offset":"0")"),
             Catch::ContainsSubstring("not after the header"));
  CHECK_THAT(refusal(R"("offset":"16777216")", R"("offset":"18446744073709551616")"),
             Catch::ContainsSubstring("too large"));
  for (const char* offset : {"0", "16384", "28672", "32769", "16777216", "18446744073709547520"}) {
    INFO(offset);
    CHECK_THAT(refusal(R"("offset":"32768")", R"("offset":")" + std::string(offset) + "\""),
               Catch::ContainsSubstring("not where keyslots are"));
  }
  CHECK_THAT(refusal(R"("size":"258048")", R"("size":"255999")"),
             Catch::ContainsSubstring("too small"));
  CHECK_THAT(refusal(R"("keyslots_size":"16744448")", R"("keyslots_size":"1073741824")"),
             Catch::ContainsSubstring("keyslots_size"));
  CHECK_THAT(refusal(R"("json_size":"12288")", R"("json_size":"28672")"),
             Catch::ContainsSubstring("json_size"));
}

TEST_CASE("keyslots may not share an area") {
  const std::string json = test::good_json();
  const std::size_t begin = json.find(R"({"type":"luks2")");
  const std::string keyslot = json.substr(begin, json.find("}},\"tokens\"") - begin) + "}";
  CHECK_THAT(refusal(R"("keyslots":{)", R"("keyslots":{"1":)" + keyslot + ","),
             Catch::ContainsSubstring("overlap"));
}

TEST_CASE("a keyslot that belongs to nothing, or that nothing holds a key against, is refused") {
  CHECK(refusal(R"("keyslots":["0"])", R"("keyslots":[])") == "keyslot 0 belongs to no segment");
  CHECK_THAT(refusal(R"("keyslots":["0"])", R"("keyslots":["0","1"])"),
             Catch::ContainsSubstring("names keyslots that there are not"));
  CHECK(refusal(R"("segments":["0"])", R"("segments":[])") == "digest 0 is not the segment's");
  CHECK_THAT(refusal(R"("digests":{"0":)", R"("digests":{"1":{},"0":)"),
             Catch::ContainsSubstring("digests are not exactly one"));
}

TEST_CASE("tokens, unknown members and flags are refused") {
  CHECK_THAT(refusal(R"("tokens":{})", R"("tokens":{"0":{"type":"luks2-keyring"}})"),
             Catch::ContainsSubstring("token remove"));
  CHECK_THAT(refusal(R"("af":)", R"("more":1,"af":)"), Catch::ContainsSubstring("not known here"));
  CHECK_THAT(refusal(R"("json_size")", R"("flags":["no-journal"],"json_size")"),
             Catch::ContainsSubstring("harmless"));
  CHECK_THAT(refusal(R"("config")", R"("keyslots":{},"config")"),
             Catch::ContainsSubstring("a member twice"));
}

TEST_CASE("weak ways from a passphrase to a key are refused") {
  CHECK_THAT(refusal(R"("hash":"sha256")", R"("hash":"sha1")"), Catch::ContainsSubstring("SHA-2"));
  CHECK_THAT(refusal(R"("stripes":4000)", R"("stripes":1)"),
             Catch::ContainsSubstring("not as cryptsetup makes it"));
  CHECK_THAT(refusal(R"("iterations":100000)", R"("iterations":999)"),
             Catch::ContainsSubstring("iterations"));
  CHECK_THAT(refusal(R"("encryption":"aes-xts-plain64","key_size":64)",
                     R"("encryption":"aes-xts-plain64","key_size":0)"),
             Catch::ContainsSubstring("256 or 512 bits"));
  CHECK_THAT(refusal(R"("key_size":64)", R"("key_size":0)"), Catch::ContainsSubstring("too small"));
}

}  // namespace oskbc::header_test
