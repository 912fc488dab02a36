// SPDX-License-Identifier: Apache-2.0
#include "format/jwe.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/status.h"
#include "format/base64.h"
#include "format/json_reader.h"

namespace oskbc::core {
namespace {

constexpr const char* kWhat = "JWE";

// The longest header that is accepted has some 60 bytes beside its kid.
constexpr std::size_t kLongestHeader = 1024;

[[noreturn]] void refuse(const char* why) {
  fail(Status::keyset, "the keyset file is not a JWE that this library accepts: %s", why);
}

using Names = std::span<const std::string_view>;

// The members of an object of strings, each at most once.
class Members {
 public:
  Members(Names names, std::string_view text) : names_(names) {
    JsonReader reader(text, Status::keyset, kWhat);
    for (bool more = reader.enter_object(); more; more = reader.next_member()) {
      std::optional<JsonString>& member = member_of(reader.name());
      if (member) refuse("a member is there twice");
      member = reader.string();
    }
    reader.finish(/*allow_nuls=*/false);
  }

  [[nodiscard]] const std::optional<JsonString>& operator[](std::size_t index) const {
    return values_[index];
  }

 private:
  std::optional<JsonString>& member_of(const JsonString& name) {
    const auto found =
        std::ranges::find_if(names_, [&](std::string_view each) { return equals(name, each); });
    if (found == names_.end()) refuse("it has a member that is not expected");
    return values_[static_cast<std::size_t>(std::distance(names_.begin(), found))];
  }

  static constexpr std::size_t kMost = 5;
  Names names_;
  std::array<std::optional<JsonString>, kMost> values_;
};

enum Part : std::size_t { kProtected, kWrappedKey, kIv, kCiphertext, kTag, kParts };
constexpr std::array<std::string_view, kParts> kPartNames = {"protected", "encrypted_key", "iv",
                                                             "ciphertext", "tag"};
enum Parameter : std::size_t { kAlg, kEnc, kKid, kParameters };
constexpr std::array<std::string_view, kParameters> kParameterNames = {"alg", "enc", "kid"};

// The alphabets of base64url (RFC 7515, 2) and base64 differ in two characters.
class Alphabet {
 public:
  static constexpr std::size_t kBlock = 16;

  void turn(std::uint8_t* text, std::size_t size) {
    Chars c{};
    std::memcpy(&c, text, size);
    foreign_ |= reinterpret_cast<Chars>((c == '+') | (c == '/') | (c == '='));
    c ^= reinterpret_cast<Chars>(c == '-') & ('-' ^ '+');
    c ^= reinterpret_cast<Chars>(c == '_') & ('_' ^ '/');
    std::memcpy(text, &c, size);
  }
  // Whether something stood there that only base64 has.
  [[nodiscard]] bool met_foreign() const {
    const auto halves = reinterpret_cast<Octets>(foreign_);
    return (halves[0] | halves[1]) != 0;
  }

 private:
  using Chars = std::uint8_t __attribute__((vector_size(kBlock)));
  using Octets = std::uint64_t __attribute__((vector_size(kBlock)));
  Chars foreign_{};
};

// base64url to base64, but for its padding; false for what only base64 has. Whole blocks first,
// because nearly all of a file is one such text.
[[gnu::hot, gnu::noinline]] bool to_base64(ByteSpan text) {
  Alphabet alphabet;
  for (; text.size() >= Alphabet::kBlock; text = text.subspan(Alphabet::kBlock)) {
    alphabet.turn(text.data(), Alphabet::kBlock);
  }
  if (!text.empty()) alphabet.turn(text.data(), text.size());
  return !alphabet.met_foreign();
}

constexpr std::size_t decoded_size(std::size_t characters) { return characters * 3 / 4; }

// Decodes base64url, which is overwritten, into exactly decoded_size() bytes; these may lie over
// the text, but not after its start.
bool decode(ByteSpan text, ByteSpan out) {
  const std::size_t rest = text.size() % 4;
  if (rest == 1 || !to_base64(text)) return false;
  const std::size_t whole = text.size() - rest;
  const std::size_t written = decoded_size(whole);
  if (!base64::decode(as_text(text.first(whole)), out.first(written))) return false;
  if (rest == 0) return true;
  std::array<char, 4> last = {'=', '=', '=', '='};
  std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(whole), rest, last.begin());
  return base64::decode({last.data(), last.size()}, out.subspan(written));
}

class JweReader {
 public:
  explicit JweReader(ByteSpan text) : text_(text), parts_(kPartNames, as_text(text)) {}

  Jwe read() {
    Jwe jwe;
    read_header(jwe);
    if (jwe.algorithm == JweAlgorithm::a256kw) {
      decode_exactly(kWrappedKey, jwe.wrapped_key);
    } else if (parts_[kWrappedKey] && !parts_[kWrappedKey]->raw.empty()) {
      // jose writes an empty one, though it should be left out.
      refuse("\"dir\" has no \"encrypted_key\"");
    }
    decode_exactly(kIv, jwe.iv);
    decode_exactly(kTag, jwe.tag);
    const ByteSpan ciphertext = part(kCiphertext);
    jwe.ciphertext = text_.first(decoded_size(ciphertext.size()));
    if (!decode(ciphertext, jwe.ciphertext)) refuse("its \"ciphertext\" is not base64url");
    return jwe;
  }

 private:
  [[nodiscard]] ByteSpan part(Part which) const {
    const std::optional<JsonString>& value = parts_[which];
    if (!value) refuse("a member is missing");
    if (value->escaped) refuse("a member has escapes, which base64url does not need");
    const auto start = static_cast<std::size_t>(as_bytes(value->raw).data() - text_.data());
    return text_.subspan(start, value->raw.size());
  }

  void decode_exactly(Part which, ByteSpan out) const {
    const ByteSpan text = part(which);
    if (decoded_size(text.size()) != out.size() || !decode(text, out)) {
      refuse(
          "\"encrypted_key\" of 40 bytes, \"iv\" of 12 or \"tag\" of 16 is not that in base64url");
    }
  }

  void read_header(Jwe& jwe) const {
    const ByteSpan text = part(kProtected);
    if (text.size() > kLongestHeader) refuse("its protected header is too long");
    jwe.header = as_text(text);
    const ByteSpan json = text.first(decoded_size(text.size()));
    if (!decode(text, json)) refuse("its protected header is not base64url");
    read_parameters(as_text(json), jwe);
  }

  static void read_parameters(std::string_view json, Jwe& jwe) {
    const Members parameters(kParameterNames, json);
    const auto& alg = parameters[kAlg];
    const auto& enc = parameters[kEnc];
    const auto& kid = parameters[kKid];
    if (!alg || !enc || !kid) refuse("its protected header lacks \"alg\", \"enc\" or \"kid\"");
    const bool wraps = equals(*alg, "A256KW");
    if (!wraps && !equals(*alg, "dir")) refuse("its \"alg\" is neither \"dir\" nor \"A256KW\"");
    if (!equals(*enc, "A256GCM")) refuse("its \"enc\" is not \"A256GCM\"");
    jwe.algorithm = wraps ? JweAlgorithm::a256kw : JweAlgorithm::dir;
    jwe.kid = to_string(*kid);
  }

  ByteSpan text_;
  Members parts_;
};

}  // namespace

Jwe read_jwe(ByteSpan text) { return JweReader(text).read(); }

}  // namespace oskbc::core
