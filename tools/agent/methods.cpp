// SPDX-License-Identifier: Apache-2.0
#include "agent/methods.h"

#include <algorithm>
#include <string>

#include "ttrpc/protobuf.h"
#include "ttrpc/services.h"

namespace oskbc::agent {
namespace {

using core::ByteView;
using services::RpcCode;
using services::RpcStatus;

Buffer unwrap_key(const Requests& requests, ByteView message) {
  return requests.unwrap_key(core::as_text(ttrpc::first_field(message, "key provider request")));
}

// Today's message has the path alone, which is the first field of the old one.
Buffer resource(const Requests& requests, ByteView message) {
  std::string path;
  std::string kbc_name;
  std::string kbs_uri;
  for (ttrpc::Fields fields(message, "GetResource request"); fields.next();) {
    if (fields.is_bytes(1)) path = fields.text();
    if (fields.is_bytes(2)) kbc_name = fields.text();
    if (fields.is_bytes(3)) kbs_uri = fields.text();
  }
  return requests.resource(path, kbc_name, kbs_uri);
}

Buffer todays_resource(const Requests& requests, ByteView message) {
  return requests.resource(
      std::string(core::as_text(ttrpc::first_field(message, "GetResource request"))));
}

Buffer unseal(const Requests& requests, ByteView message) {
  return requests.unseal(core::as_text(ttrpc::first_field(message, "UnsealSecret request")));
}

Buffer list_entries(const Requests& requests, ByteView /*message*/) {
  const core::Bytes entries = ttrpc::write_entries(ttrpc::entries_of(requests.own_client()));
  Buffer answer(entries.size());
  std::copy(entries.begin(), entries.end(), answer.data());
  return answer;
}

struct Served {
  std::string_view service;
  std::string_view method;
  Buffer (*answer)(const Requests&, ByteView);
};

constexpr Served kServed[] = {
    {ttrpc::kKeyProvider, "UnWrapKey", unwrap_key},
    {ttrpc::kOldResources, "GetResource", resource},
    {ttrpc::kResources, "GetResource", todays_resource},
    {ttrpc::kSealedSecrets, "UnsealSecret", unseal},
    {ttrpc::kKeyset, "ListEntries", list_entries},
};

struct NotOurs {
  std::string_view service;
  const char* words;
};

constexpr NotOurs kNotOurs[] = {
    {ttrpc::kKeyProvider, "a guest only unwraps; the owner wraps with `oskbc keyprovider`"},
    {"api.SecureMountService",
     "an offline key broker mounts nothing; get the volume's key with GetResource and open it with cryptsetup"},
    {"api.ImagePullService",
     "an offline key broker pulls no image; have skopeo or the confidential data hub pull it, with this agent as key provider"},
    {"attestation_agent.AttestationAgentService",
     "an offline key broker attests to nobody; this guest was measured before its keys were injected"},
};

const char* words_for(std::string_view service) {
  for (const NotOurs& known : kNotOurs) {
    if (known.service == service) return known.words;
  }
  return "there is no such service or method; oskbc-agent(8) lists them";
}

}  // namespace

RpcStatus Methods::call(const ttrpc::Request& request, Buffer& answer) {
  for (const Served& served : kServed) {
    if (served.service != request.service || served.method != request.method) continue;
    RpcStatus status =
        services::run_method([&] { answer = served.answer(requests_, request.payload); });
    if (status.code != RpcCode::ok) log_.add(served.method.data(), status.message);
    return status;
  }
  RpcStatus status = services::unimplemented(words_for(request.service));
  log_.add("a call", status.message);
  return status;
}

}  // namespace oskbc::agent
