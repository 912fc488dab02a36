// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"
#include "capi/arguments.h"
#include "capi/guard.h"

// The exported functions. Each checks its handles, and leaves the work to the client and the
// writing to produce(). Contracts: include/oskbc/oskbc.h.

using oskbc::core::ByteSpan;
using oskbc::core::ByteView;
using oskbc::core::Client;
using oskbc::core::Error;
using oskbc::core::fail;
using oskbc::core::Failure;
using oskbc::core::guarded;
using oskbc::core::object_of;
using oskbc::core::produce;
using oskbc::core::required;
using oskbc::core::Result;
using oskbc::core::Status;

namespace {

std::size_t copy(ByteView from, ByteSpan to) {
  std::copy(from.begin(), from.end(), to.begin());
  return from.size();
}

Failure unwrap(const Client& client, const Result<Client::Unwrapping>& prepared, uint8_t* out,
               size_t& length) {
  if (const Error* error = std::get_if<Error>(&prepared)) return *error;
  const auto& unwrapping = std::get<Client::Unwrapping>(prepared);
  return produce(out, length, unwrapping.size(), [&](ByteSpan destination) {
    client.unwrap(unwrapping, destination);
    return destination.size();
  });
}

}  // namespace

oskbc_status oskbc_options_new(oskbc_options** options) {
  return guarded([&] {
    *required(options, "options") = nullptr;
    *options = new oskbc_options{};
  });
}

void oskbc_options_free(oskbc_options** options) { oskbc::core::release(options); }

oskbc_status oskbc_options_set_root(oskbc_options* options, const char* directory) {
  return guarded([&] { object_of(options).set_root(required(directory, "directory")); });
}

oskbc_status oskbc_options_set_secret_guid(oskbc_options* options, const char* guid) {
  return guarded([&] { object_of(options).set_secret_guid(required(guid, "guid")); });
}

oskbc_status oskbc_options_set_keep_secret(oskbc_options* options, int keep) {
  return guarded([&] { object_of(options).source.keep_secret = keep != 0; });
}

oskbc_status oskbc_options_set_manage_kernel(oskbc_options* options, int manage) {
  return guarded([&] { object_of(options).source.manage_kernel = manage != 0; });
}

oskbc_status oskbc_options_set_require_authenticated(oskbc_options* options, int require) {
  return guarded([&] { object_of(options).require_authenticated = require != 0; });
}

oskbc_status oskbc_options_set_require_locked(oskbc_options* options, int require) {
  return guarded([&] { object_of(options).source.require_locked = require != 0; });
}

oskbc_status oskbc_options_set_keyset_file(oskbc_options* options, const char* path) {
  return guarded([&] { object_of(options).set_keyset_file(required(path, "path")); });
}

oskbc_status oskbc_client_open(const char* aa_kbc_params, const oskbc_options* options,
                               oskbc_client** client) {
  return guarded([&] {
    *required(client, "client") = nullptr;
    const std::string_view params = required(aa_kbc_params, "aa_kbc_params");
    const oskbc::core::ClientOptions defaults;
    const oskbc::core::ClientOptions& chosen = options == nullptr ? defaults : object_of(options);
    std::unique_ptr<oskbc_client> opened(new oskbc_client{.object = {params, chosen}});
    Failure failure = opened->object.take_keys(oskbc::core::linux_system(), chosen.source);
    if (!failure) *client = opened.release();
    return failure;
  });
}

void oskbc_client_close(oskbc_client** client) { oskbc::core::release(client); }

size_t oskbc_client_key_count(const oskbc_client* client) {
  const bool usable = client != nullptr && client->tag == oskbc_client::kTag;
  return usable ? client->object.keyset().size() : 0;
}

int oskbc_client_memory(const oskbc_client* client) {
  if (client == nullptr || client->tag != oskbc_client::kTag) return 0;
  const oskbc::core::Protection has = client->object.protection();
  return (has.locked ? OSKBC_MEMORY_LOCKED : 0) | (has.undumped ? OSKBC_MEMORY_UNDUMPED : 0) |
         (has.unforked ? OSKBC_MEMORY_UNFORKED : 0);
}

oskbc_status oskbc_client_key_id(const oskbc_client* client, size_t index, char* out,
                                 size_t* out_len) {
  return guarded([&] {
    size_t& length = *required(out_len, "out_len");
    const oskbc::core::Keyset& keyset = object_of(client).keyset();
    if (index >= keyset.size()) {
      fail(Status::argument, "index %zu is past the last of %zu entries", index, keyset.size());
    }
    const std::string_view id = keyset.id(index);
    const ByteView with_nul = oskbc::core::as_bytes({id.data(), id.size() + 1});
    return produce(out, length, with_nul.size(),
                   [&](ByteSpan destination) { return copy(with_nul, destination); });
  });
}

oskbc_status oskbc_unwrap_key(const oskbc_client* client, const char* packet, size_t packet_len,
                              uint8_t* out, size_t* out_len) {
  return guarded([&] {
    size_t& length = *required(out_len, "out_len");
    const Client& object = object_of(client);
    const std::string_view text(required(packet, "packet"), packet_len);
    return unwrap(object, object.prepare_unwrap(text), out, length);
  });
}

oskbc_status oskbc_unwrap_fields(const oskbc_client* client, const char* kid, size_t kid_len,
                                 const char* wrap_type, size_t wrap_type_len, const char* iv,
                                 size_t iv_len, const char* wrapped_data, size_t wrapped_data_len,
                                 uint8_t* out, size_t* out_len) {
  return guarded([&] {
    size_t& length = *required(out_len, "out_len");
    const Client& object = object_of(client);
    const oskbc::core::PacketFields fields{
        .kid = {required(kid, "kid"), kid_len},
        .wrap_type = {required(wrap_type, "wrap_type"), wrap_type_len},
        .iv = {.text = {required(iv, "iv"), iv_len}},
        .wrapped_data = {.text = {required(wrapped_data, "wrapped_data"), wrapped_data_len}},
    };
    return unwrap(object, object.prepare_unwrap(fields), out, length);
  });
}

oskbc_status oskbc_get_resource(const oskbc_client* client, const char* uri, uint8_t* out,
                                size_t* out_len) {
  return guarded([&]() -> Failure {
    size_t& length = *required(out_len, "out_len");
    const auto found = object_of(client).expose_resource(required(uri, "uri"));
    if (const Error* error = std::get_if<Error>(&found)) return *error;
    const ByteView resource = std::get<ByteView>(found);
    return produce(out, length, resource.size(),
                   [&](ByteSpan destination) { return copy(resource, destination); });
  });
}

oskbc_status oskbc_keyprovider(const oskbc_client* client, const char* request, size_t request_len,
                               uint8_t* out, size_t* out_len) {
  return guarded([&]() -> Failure {
    size_t& length = *required(out_len, "out_len");
    const Client& object = object_of(client);
    const auto prepared = object.prepare_answer({required(request, "request"), request_len});
    if (const Error* error = std::get_if<Error>(&prepared)) return *error;
    const auto& answering = std::get<Client::Answering>(prepared);
    return produce(out, length, Client::longest_answer(answering),
                   [&](ByteSpan destination) { return object.answer(answering, destination); });
  });
}

void oskbc_wipe(void* data, size_t len) { oskbc::core::wipe(data, len); }

const char* oskbc_version() { return OSKBC_VERSION; }
