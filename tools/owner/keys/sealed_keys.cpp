// SPDX-License-Identifier: Apache-2.0
#include "owner/keys/sealed_keys.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/status.h"
#include "common/file_writer.h"
#include "common/io.h"
#include "common/json.h"
#include "format/base64.h"
#include "format/json_reader.h"
#include "owner/crypto/aes.h"
#include "owner/keys/keys_file.h"

namespace oskbc::owner {
namespace {

using core::Bytes;
using core::ByteView;
using core::fail;
using core::SecretBytes;
using core::Status;

constexpr const char* kCredential = "oskbc-keys-key";

// Of what is no secret: without padding, and with the alphabet of URLs (RFC 7515, 2).
std::string to_base64url(ByteView bytes) {
  std::string text = core::base64::encode(bytes);
  text.erase(std::min(text.size(), text.find('=')));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<Bytes> from_base64url(std::string text) {
  if (text.find_first_of("+/=") != std::string::npos) return std::nullopt;
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return core::base64::decode(std::string_view(text));
}

using Members = std::map<std::string, std::string, std::less<>>;

// The members of an object of strings; nothing if it is none.
std::optional<Members> members_of(std::string_view text) try {
  core::JsonReader reader(text, Status::keyset, "keys file");
  Members members;
  for (bool more = reader.enter_object(); more; more = reader.next_member()) {
    std::string name = to_string(reader.name());
    if (!members.emplace(std::move(name), to_string(reader.string())).second) return std::nullopt;
  }
  reader.finish();
  return members;
} catch (const core::Error&) {
  return std::nullopt;
}

// Nothing but what seal_keys() writes, in any order and spacing.
void check_header(const Members& members, const std::string& file) {
  const auto header = from_base64url(members.at("protected"));
  const auto inside = header ? members_of(core::as_text(*header)) : std::nullopt;
  if (members.size() == 4 && inside == Members{{"alg", "dir"}, {"enc", "A256GCM"}}) return;
  fail(Status::keyset,
       "%s: this is a JWE, but not with \"dir\" and \"A256GCM\" and without other members",
       file.c_str());
}

Bytes part(const Members& members, const char* name, const std::string& file) {
  auto bytes = from_base64url(members.at(name));
  if (bytes) return std::move(*bytes);
  fail(Status::keyset, "%s: the JWE's \"%s\" is not base64url", file.c_str(), name);
}

std::string_view without_line_ends(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool is_sealed(std::string_view text) {
  // Looked at by its names alone: a keys file's values are secrets.
  core::JsonReader reader(text, Status::keyset, "keys file");
  std::size_t found = 0;
  try {
    for (bool more = reader.enter_object(); more; more = reader.next_member()) {
      const core::JsonString name = reader.name();
      for (const char* wanted : {"protected", "iv", "ciphertext", "tag"}) {
        if (core::equals(name, wanted)) ++found;
      }
      reader.skip_value();
    }
  } catch (const core::Error&) {
    return false;
  }
  return found == 4;
}

std::string seal_keys(ByteView plain, ByteView key, Random& random) {
  return seal_jwe(plain, key, /*kid=*/{}, random);
}

std::string seal_jwe(ByteView plain, ByteView key, const std::string& kid, Random& random) {
  std::string json = R"({"alg":"dir","enc":"A256GCM")";
  if (!kid.empty()) json += ",\"kid\":" + json_string(kid);
  json += "}";
  const std::string header = to_base64url(core::as_bytes(std::string_view(json)));
  const Bytes sealed = seal(key, core::as_bytes(std::string_view(header)), plain, random);
  const ByteView all = sealed;
  const std::size_t size = all.size() - kGcmIvSize - kGcmTagSize;
  return tools::Json::object({{"protected", header},
                              {"iv", to_base64url(all.first(kGcmIvSize))},
                              {"ciphertext", to_base64url(all.subspan(kGcmIvSize, size))},
                              {"tag", to_base64url(all.last(kGcmTagSize))}})
      .document();
}

SecretBytes unseal_keys(std::string_view text, ByteView key, const std::string& file) {
  // In this order, because a plain file's values are keys, which may be in no string.
  const auto members = is_sealed(text) ? members_of(text) : std::nullopt;
  if (!members) fail(Status::keyset, "%s: this is no JWE", file.c_str());
  check_header(*members, file);
  const Bytes iv = part(*members, "iv", file);
  const Bytes tag = part(*members, "tag", file);
  if (iv.size() != kGcmIvSize || tag.size() != kGcmTagSize) {
    fail(Status::keyset, "%s: the JWE's \"iv\" has not 12 bytes, or its \"tag\" not 16",
         file.c_str());
  }
  Bytes sealed = iv;
  const Bytes ciphertext = part(*members, "ciphertext", file);
  sealed.insert(sealed.end(), ciphertext.begin(), ciphertext.end());
  sealed.insert(sealed.end(), tag.begin(), tag.end());
  const std::string& header = members->at("protected");
  try {
    return unseal(key, core::as_bytes(std::string_view(header)), sealed);
  } catch (const core::Error& error) {
    if (error.status() != Status::decrypt) throw;
    fail(Status::decrypt, "%s does not open with this key, or was changed", file.c_str());
  }
}

SecretBytes read_sealing_key(const std::string& file) {
  // Base64 of a key, with a line end or two.
  constexpr std::size_t kLimit = 64;
  SecretBytes bytes = tools::read_input(file, kLimit, Status::argument);
  if (bytes.size() == kGcmKeySize) return bytes;
  SecretBytes key(kGcmKeySize);
  if (core::base64::decode(without_line_ends(bytes.expose_text()), key.expose_writable())) {
    return key;
  }
  fail(Status::argument, "%s is no key of a keys file: 32 random bytes are needed, or base64 of 32",
       file.c_str());
}

void make_sealing_key(const std::string& file, Random& random) {
  SecretBytes key(kGcmKeySize);
  random.fill(key.expose_writable());
  tools::write_file(file, key.expose(), tools::FileMode::secret, /*force=*/false);
}

std::string sealing_key_credential() { return tools::credential_file(kCredential); }

}  // namespace oskbc::owner
