// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "client/sealed_keyset.h"
#include "format/keyprovider.h"
#include "format/uris.h"
#include "source/secret_paths.h"

namespace oskbc::core {

void ClientOptions::set_root(const std::string& directory) {
  source.root = resolve_root(directory);
  // A fake tree has no kernel behind it. Who wants one nevertheless says so afterwards.
  source.manage_kernel = false;
}

void ClientOptions::set_secret_guid(std::string_view guid) {
  const auto parsed = Guid::parse(guid);
  if (!parsed) fail(Status::argument, "the secret's GUID is not 8-4-4-4-12 hexadecimal digits");
  source.guid = *parsed;
}

void ClientOptions::set_keyset_file(const std::string& path) {
  source.keyset_file = checked_file(path);
}

// The parameters are checked and the cipher is made before the secret is touched: what fails there
// leaves the secret for another try.
Client::Client(std::string_view aa_kbc_params, const ClientOptions& options)
    : require_authenticated_(options.require_authenticated) {
  check_params(aa_kbc_params);
}

Client::Client(std::string_view aa_kbc_params, const ClientOptions& options, System& system)
    : Client(aa_kbc_params, options) {
  if (const Failure failure = take_keys(system, options.source)) throw Error(*failure);
}

Failure Client::take_keys(System& system, const SourceOptions& source) {
  Result<SecretBytes> text = take_secret(system, source);
  if (const Error* error = std::get_if<Error>(&text)) return *error;
  keyset_ = with_keyset_file(Keyset::parse(std::get<SecretBytes>(std::move(text))), system, source,
                             cipher_.provider());
  return std::nullopt;
}

Error Client::unknown_key() const {
  return make_error_around(Status::unknown_key, "the keyset has no such key id among its ",
                           keyset_.size(), " entries");
}

// The keys are zeros there, which would only fail to decrypt.
Error Client::forked() {
  return make_error(
      Status::no_secret,
      "the keys stayed with the process that opened the keyset, and this is a child of its; ask that one");
}

Result<Client::Unwrapping> Client::prepare_unwrap(const PacketFields& packet) const {
  if (mark_.in_child()) return forked();
  WrappedOptions options = decode_fields(packet);
  if (require_authenticated_ && !is_authenticated(options.type)) {
    fail(Status::unsupported,
         "the packet is wrapped with A256CTR, which has no integrity, and the options require it");
  }
  const Keyset::Entry* key = keyset_.find_key(packet.kid);
  if (key == nullptr) return unknown_key();
  return Unwrapping{std::move(options), key};
}

Result<Client::Unwrapping> Client::prepare_unwrap(std::string_view packet) const {
  std::string unescaped;
  return prepare_unwrap(read_packet(packet, unescaped));
}

void Client::unwrap(const Unwrapping& unwrapping, ByteSpan out) const {
  const WrappedOptions& options = unwrapping.options;
  cipher_.unwrap(options.type, keyset_.expose_value(*unwrapping.key), options.iv(),
                 options.wrapped(), out);
}

Result<ByteView> Client::expose_resource(std::string_view uri) const {
  if (mark_.in_child()) return forked();
  if (const auto* exact = keyset_.find(uri)) return keyset_.expose_value(*exact);
  if (!is_uri(uri)) return unknown_key();
  const auto path = uri_path(uri);
  if (!path) fail(Status::request, "the URI is not kbs://[host[:port]]/repository/type/tag");
  const Keyset::Entry* entry = keyset_.find(*path);
  if (entry == nullptr) return unknown_key();
  return keyset_.expose_value(*entry);
}

Result<Client::Answering> Client::prepare_answer(std::string_view request) const {
  const keyprovider::Request parsed = keyprovider::parse_request(request);
  if (parsed.operation != keyprovider::Operation::keyunwrap) {
    fail(Status::request, "the request is a keywrap; a guest only unwraps");
  }
  Answering answering;
  for (const Bytes& packet : parsed.annotations) {
    try {
      Result<Unwrapping> prepared = prepare_unwrap(as_text(packet));
      if (const Error* error = std::get_if<Error>(&prepared)) {
        answering.reasons.note(*error);
      } else {
        answering.packets.push_back(std::get<Unwrapping>(std::move(prepared)));
      }
    } catch (const Error& error) {
      answering.reasons.note(error);
    }
  }
  if (answering.packets.empty()) return answering.reasons.error();
  return answering;
}

std::size_t Client::longest_answer(const Answering& answering) noexcept {
  std::size_t longest = 0;
  for (const Unwrapping& packet : answering.packets) longest = std::max(longest, packet.size());
  return keyprovider::longest_answer(keyprovider::Operation::keyunwrap, longest);
}

std::size_t Client::answer(const Answering& answering, ByteSpan out) const {
  MostTelling reasons = answering.reasons;
  for (const Unwrapping& packet : answering.packets) {
    try {
      return answer(packet, out);
    } catch (const Error& error) {
      reasons.note(error);
    }
  }
  reasons.report();
}

// The plain options go to the end of the answer's buffer, and are read from there while their
// numbers are written in front of them: they are nowhere else.
std::size_t Client::answer(const Unwrapping& unwrapping, ByteSpan out) const {
  const ByteSpan plain = out.last(unwrapping.size());
  unwrap(unwrapping, plain);
  return keyprovider::write_answer(keyprovider::Operation::keyunwrap, plain, out);
}

}  // namespace oskbc::core
