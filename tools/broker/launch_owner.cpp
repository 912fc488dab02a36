// SPDX-License-Identifier: Apache-2.0
#include "broker/launch_owner.h"

#include <string_view>

#include "broker/refusal_sums.h"
#include "common/text.h"
#include "owner/crypto/hash.h"

namespace oskbc::broker {
namespace {

constexpr std::string_view kName = "name:";
constexpr std::string_view kHost = "host:";

std::string digest_of(std::string_view kind, const std::string& text) {
  return std::string(kind) + tools::to_hex(owner::sha256(core::as_bytes(text)));
}

}  // namespace

std::string owner_of(const Client& client) {
  if (!client.name.empty()) return digest_of(kName, client.name);
  return digest_of(kHost, host_of(client.address));
}

bool may_use(const Client& client, const std::string& owner) {
  return owner.starts_with(kName) ? owner == owner_of(client) : client.name.empty();
}

}  // namespace oskbc::broker
