// SPDX-License-Identifier: Apache-2.0
#include "agent/sealed_secret.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "format/base64.h"
#include "format/json_reader.h"
#include "format/packet.h"
#include "format/uris.h"

namespace oskbc::agent {
namespace {

using core::Bytes;
using core::ByteView;
using core::fail;
using core::JsonReader;
using core::Status;

constexpr std::string_view kPrefix = "sealed.";
// The largest kind has eleven; the search for a name is a walk over all of them.
constexpr std::size_t kMaxMembers = 64;

[[noreturn]] void malformed(const char* why) {
  fail(Status::request, "the sealed secret is malformed: %s", why);
}

// The parts of a compact JWS (RFC 7515, 7.1), still in base64url.
struct Jws {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  // header and payload with the dot between
};

Jws split(std::string_view sealed) {
  if (sealed.size() > core::limits::kRequestText) malformed("it is too long");
  if (!sealed.starts_with(kPrefix)) malformed("it does not start with \"sealed.\"");
  sealed.remove_prefix(kPrefix.size());
  const std::size_t first = sealed.find('.');
  const std::size_t last = sealed.rfind('.');
  if (first == last || sealed.find('.', first + 1) != last) malformed("it has no three parts");
  return {sealed.substr(0, first), sealed.substr(first + 1, last - first - 1),
          sealed.substr(last + 1), sealed.substr(0, last)};
}

// RFC 4648, 5, without padding.
Bytes decode_base64url(std::string_view text, const char* what) {
  std::string standard(text);
  if (standard.find_first_of("+/=") == std::string::npos) {
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
    standard.append((4 - standard.size() % 4) % 4, '=');
    if (auto bytes = core::base64::decode(standard)) return *std::move(bytes);
  }
  fail(Status::request, "the sealed secret is malformed: its %s is not base64url", what);
}

Bytes decode_base64(const std::string& text, const char* what) {
  if (auto bytes = core::base64::decode(text)) return *std::move(bytes);
  fail(Status::request, "the sealed secret is malformed: its \"%s\" is not canonical base64", what);
}

// The strings among an object's members; each name once. Of other values, none is of use to us.
class Members {
 public:
  Members(std::string_view text, const char* what) {
    JsonReader reader(text, Status::request, what);
    for (bool more = reader.enter_object(); more; more = reader.next_member()) {
      std::string name = core::to_string(reader.name());
      if (members_.size() == kMaxMembers) malformed("it has too many members");
      if (find(name)) malformed("a member is there twice");
      std::string value;
      const bool is_text = reader.peek() == '"';
      if (is_text) {
        value = core::to_string(reader.string());
      } else {
        reader.skip_value();
      }
      members_.push_back({std::move(name), std::move(value), is_text});
    }
    reader.finish();
  }

  [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }

  // Throws where it is missing or no string.
  [[nodiscard]] const std::string& text(const char* name) const {
    const auto index = find(name);
    if (!index || !members_[*index].is_text) {
      fail(Status::request, "the sealed secret is malformed: \"%s\" is missing or no string", name);
    }
    return members_[*index].value;
  }

  void require(const char* name, std::string_view only) const {
    if (text(name) == only) return;
    fail(Status::unsupported, "the sealed secret's \"%s\" is unsupported; \"%.*s\" is supported",
         name, static_cast<int>(only.size()), only.data());
  }

 private:
  struct Member {
    std::string name;
    std::string value;
    bool is_text;
  };

  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (members_[i].name == name) return i;
    }
    return std::nullopt;
  }

  std::vector<Member> members_;
};

const std::string& require_uri(const std::string& text, const char* what) {
  if (core::uri_path(text)) return text;
  fail(Status::request, "the sealed secret's \"%s\" is not kbs:///repository/type/tag", what);
}

P256Point read_jwk(const Buffer& jwk) {
  const Members members({reinterpret_cast<const char*>(jwk.data()), jwk.size()}, "JWK");
  members.require("kty", "EC");
  members.require("crv", "P-256");
  return {decode_base64url(members.text("x"), "JWK's x"),
          decode_base64url(members.text("y"), "JWK's y")};
}

// Nothing that the header says counts but the key's name; it is covered by the signature, too.
P256Point signing_key(const Client& client, const Jws& jws) {
  const Bytes text = decode_base64url(jws.header, "header");
  const Members header(core::as_text(text), "JWS header");
  header.require("alg", "ES256");
  // RFC 7515, 4.1.11: who does not know what is critical has to refuse.
  if (header.has("crit")) fail(Status::unsupported, "the sealed secret's \"crit\" is unsupported");
  return read_jwk(client.resource(require_uri(header.text("kid"), "kid")));
}

// The packet has a kid of its own, which has to mean the same key.
Buffer unwrap_data_key(const Client& client, const Members& payload) {
  const std::string& key_id = require_uri(payload.text("key_id"), "key_id");
  const Bytes packet = decode_base64(payload.text("encrypted_key"), "encrypted_key");
  if (core::resource_path(core::parse_packet(core::as_text(packet)).kid) !=
      core::uri_path(key_id)) {
    malformed("\"key_id\" and the packet in \"encrypted_key\" name different keys");
  }
  return client.unwrap(core::as_text(packet));
}

Buffer open_envelope(const Client& client, const core::KeyWrapCipher& cipher,
                     const Members& payload, bool require_authenticated) {
  const core::WrapType type = core::parse_wrap_type(payload.text("wrap_type"));
  if (require_authenticated && !core::is_authenticated(type)) {
    fail(
        Status::unsupported,
        "the sealed secret is wrapped with A256CTR, which has no integrity, and the options require it");
  }
  const Bytes data = decode_base64(payload.text("encrypted_data"), "encrypted_data");
  const Bytes iv = decode_base64(payload.text("iv"), "iv");
  const Buffer key = unwrap_data_key(client, payload);
  Buffer plain(core::KeyWrapCipher::unwrapped_size(type, data.size()));
  cipher.unwrap(type, {key.data(), key.size()}, iv, data, {plain.data(), plain.size()});
  return plain;
}

}  // namespace

Buffer Unsealer::unseal(const Client& client, std::string_view sealed,
                        bool require_authenticated) const {
  const Jws jws = split(sealed);
  const Bytes signature = decode_base64url(jws.signature, "signature");
  if (!es256_.verify(signing_key(client, jws), core::as_bytes(jws.signed_text), signature)) {
    fail(Status::decrypt, "the sealed secret's signature does not verify with its key");
  }
  const Bytes text = decode_base64url(jws.payload, "payload");
  const Members payload(core::as_text(text), "sealed secret's payload");
  payload.require("version", "0.1.0");
  payload.require("provider", "kbs");
  if (payload.text("type") == "vault") {
    return client.resource(require_uri(payload.text("name"), "name"));
  }
  if (payload.text("type") == "envelope") {
    return open_envelope(client, cipher_, payload, require_authenticated);
  }
  fail(Status::unsupported, "the sealed secret is neither a \"vault\" nor an \"envelope\"");
}

}  // namespace oskbc::agent
