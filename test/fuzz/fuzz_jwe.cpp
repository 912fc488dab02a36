// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "base/status.h"
#include "client/sealed_keyset.h"
#include "crypto/key_wrap_cipher.h"
#include "format/jwe.h"
#include "fuzz/fuzz_common.h"
#include "support/json_oracle.h"
#include "support/jwe_maker.h"
#include "support/naive_base64.h"

namespace oskbc::fuzz {
namespace {

using core::Bytes;
using core::Jwe;
using core::Status;
using Members = std::map<std::string, std::string>;

constexpr std::size_t kLongestHeader = 1024;

// By nlohmann/json: the members of an object of strings, no name twice.
std::optional<Members> members_of(std::string_view text) {
  const test::Judgement judgement = test::judge_json(text);
  if (judgement.verdict != test::Verdict::accepted || !judgement.flat) return std::nullopt;
  Members members;
  for (const auto& [name, value] : judgement.members) {
    if (!members.emplace(name, value).second) return std::nullopt;
  }
  return members;
}

std::optional<Bytes> from_base64url(std::string text) {
  if (text.find_first_of("+/=") != std::string::npos) return std::nullopt;
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return test::naive_base64(text);
}

// What a text means, found in another way; nothing for what is no JWE of ours.
struct Expected {
  Members header;
  Bytes wrapped_key;
  Bytes iv;
  Bytes ciphertext;
  Bytes tag;
};

std::optional<Members> expected_header(const std::string& text) {
  const auto bytes = from_base64url(text);
  if (!bytes || text.size() > kLongestHeader) return std::nullopt;
  auto header = members_of(core::as_text(*bytes));
  if (!header || header->size() != 3 || !header->contains("kid")) return std::nullopt;
  const bool known = (*header)["alg"] == "dir" || (*header)["alg"] == "A256KW";
  if (!known || (*header)["enc"] != "A256GCM") return std::nullopt;
  return header;
}

std::optional<Expected> expected(std::string_view text) {
  auto members = members_of(text);
  if (!members) return std::nullopt;
  for (const char* name : {"protected", "iv", "ciphertext", "tag"}) {
    if (!members->contains(name)) return std::nullopt;
  }
  const auto header = expected_header((*members)["protected"]);
  if (!header) return std::nullopt;
  const bool wraps = header->at("alg") == "A256KW";
  if (members->size() != (members->contains("encrypted_key") ? 5U : 4U)) return std::nullopt;
  const auto key = from_base64url((*members)["encrypted_key"]);
  const auto iv = from_base64url((*members)["iv"]);
  const auto tag = from_base64url((*members)["tag"]);
  const auto ciphertext = from_base64url((*members)["ciphertext"]);
  if (!key || !iv || !tag || !ciphertext || iv->size() != 12 || tag->size() != 16) {
    return std::nullopt;
  }
  if (key->size() != (wraps ? 40U : 0U)) return std::nullopt;
  return Expected{*header, *key, *iv, *ciphertext, *tag};
}

bool same(core::ByteView found, const Bytes& wanted) { return std::ranges::equal(found, wanted); }

void check_reading(std::string_view input) {
  const auto meant = expected(input);
  std::string text(input);
  const Status status = status_of([&] {
    const Jwe jwe = core::read_jwe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    require(meant.has_value(), "what nlohmann/json and a naive decoder refuse is no JWE");
    require(jwe.kid == meant->header.at("kid"), "the kid is the header's");
    require(same(jwe.iv, meant->iv) && same(jwe.tag, meant->tag), "IV and tag are its own");
    require(same(jwe.ciphertext, meant->ciphertext), "the ciphertext is decoded in its place");
    const bool wraps = jwe.algorithm == core::JweAlgorithm::a256kw;
    require(wraps == (meant->header.at("alg") == "A256KW"), "the algorithm is the header's");
    require(!wraps || same(jwe.wrapped_key, meant->wrapped_key), "the key is its own");
  });
  // Members need no escapes, and have none here.
  const bool escaped = input.find('\\') != std::string_view::npos;
  require(status == Status::ok || status == Status::keyset, "a refusal has one status");
  require(status == Status::ok || !meant || escaped, "what both read is a JWE");
}

constexpr std::string_view kPlain = R"({"default/key/1":"QUJD","default/key/2":"REVG"})";

// What is changed of a file that was sealed opens no more; spaces between tokens, maybe.
void check_opening(Input& input) {
  static const core::KeyWrapCipher cipher;
  test::JweMaker maker;
  maker.wraps = input.consume_byte() % 2 == 0;
  const std::string sealed = maker.make(kPlain);
  std::string text = sealed;
  while (!input.empty()) {
    const std::size_t high = input.consume_byte();
    const std::size_t position = (high << 8 | input.consume_byte()) % text.size();
    text[position] = static_cast<char>(input.consume_byte());
  }
  const bool promised = text == sealed;
  core::SecretBytes bytes(text.size());
  std::ranges::copy(core::as_bytes(text), bytes.expose_writable().begin());
  const Status status = status_of([&] {
    const core::Keyset keyset = core::open_sealed_keyset(
        cipher.provider(), core::as_bytes(maker.kek), std::move(bytes), promised);
    require(keyset.size() == 2, "what was sealed comes out");
  });
  require(promised == (status == Status::ok), "only the very file opens");
  require(promised || status == Status::keyset_file_altered || status == Status::keyset_file_key ||
              status == Status::keyset_file_old,
          "what is another file has a status of its own");
}

void fuzz_jwe(ByteView bytes) {
  const std::string_view text = core::as_text(bytes);
  if (!text.starts_with('\0')) return check_reading(text);
  Input input(bytes.subspan(1));
  check_opening(input);
}

const Target jwe_target("jwe", fuzz_jwe);

}  // namespace
}  // namespace oskbc::fuzz
