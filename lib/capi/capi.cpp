// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/status.h"
#include "capi/arguments.h"
#include "capi/guard.h"

// The exported functions. Each checks its handles, and leaves the work to the client and the
// writing to produce(). Contracts: include/oskbc/oskbc.h.

using oskbc::core::ByteSpan;
using oskbc::core::ByteView;
using oskbc::core::fail;
using oskbc::core::guarded;
using oskbc::core::object_of;
using oskbc::core::produce;
using oskbc::core::required;
using oskbc::core::Status;

namespace {

std::size_t copy(ByteView from, ByteSpan to) {
  std::copy(from.begin(), from.end(), to.begin());
  return from.size();
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

oskbc_status oskbc_client_open(const char* aa_kbc_params, const oskbc_options* options,
                               oskbc_client** client) {
  return guarded([&] {
    *required(client, "client") = nullptr;
    const std::string_view params = required(aa_kbc_params, "aa_kbc_params");
    const oskbc::core::ClientOptions defaults;
    const oskbc::core::ClientOptions& chosen = options == nullptr ? defaults : object_of(options);
    *client = new oskbc_client{.object = {params, chosen, oskbc::core::linux_system()}};
  });
}

void oskbc_client_close(oskbc_client** client) { oskbc::core::release(client); }

size_t oskbc_client_key_count(const oskbc_client* client) {
  const bool usable = client != nullptr && client->tag == oskbc_client::kTag;
  return usable ? client->object.keyset().size() : 0;
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
    produce(out, length, with_nul.size(),
            [&](ByteSpan destination) { return copy(with_nul, destination); });
  });
}

oskbc_status oskbc_unwrap_key(const oskbc_client* client, const char* packet, size_t packet_len,
                              uint8_t* out, size_t* out_len) {
  return guarded([&] {
    size_t& length = *required(out_len, "out_len");
    const oskbc::core::Client& object = object_of(client);
    const auto unwrapping = object.prepare_unwrap({required(packet, "packet"), packet_len});
    produce(out, length, unwrapping.size(), [&](ByteSpan destination) {
      object.unwrap(unwrapping, destination);
      return destination.size();
    });
  });
}

oskbc_status oskbc_get_resource(const oskbc_client* client, const char* uri, uint8_t* out,
                                size_t* out_len) {
  return guarded([&] {
    size_t& length = *required(out_len, "out_len");
    const ByteView resource = object_of(client).expose_resource(required(uri, "uri"));
    produce(out, length, resource.size(),
            [&](ByteSpan destination) { return copy(resource, destination); });
  });
}

oskbc_status oskbc_keyprovider(const oskbc_client* client, const char* request, size_t request_len,
                               uint8_t* out, size_t* out_len) {
  return guarded([&] {
    size_t& length = *required(out_len, "out_len");
    const oskbc::core::Client& object = object_of(client);
    const auto unwrapping = object.prepare_answer({required(request, "request"), request_len});
    produce(out, length, oskbc::core::Client::longest_answer(unwrapping),
            [&](ByteSpan destination) { return object.answer(unwrapping, destination); });
  });
}

void oskbc_wipe(void* data, size_t len) { oskbc::core::wipe(data, len); }

const char* oskbc_version() { return OSKBC_VERSION; }
