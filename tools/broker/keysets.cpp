// SPDX-License-Identifier: Apache-2.0
#include "broker/keysets.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/text.h"
#include "format/base64.h"
#include "owner/keys/secret_table.h"
#include "owner/launch/launch_secret.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;
using owner::KeysFile;

// {"id":"key_id1","payload":"..."}
SecretBytes json_of(const std::string& id, const SecretBytes& key) {
  SecretBytes encoded(core::base64::encoded_size(key.size()));
  const core::ByteSpan out = encoded.expose_writable();
  core::base64::encode(key.expose(), {reinterpret_cast<char*>(out.data()), out.size()});
  owner::SecretText json;
  json.append("{\"id\":" + owner::json_string(id) + ",\"payload\":\"");
  json.append(encoded.expose_text());
  json.append("\"}");
  return json.take();
}

}  // namespace

Keysets::Keysets(const owner::KeysLocation& keys_file, const std::string& keysets_file,
                 std::size_t area, Unusable unusable)
    : keys_(owner::read_keys_file(keys_file), keys_file.file), area_(area) {
  owner::KeysetPolicies policies = owner::read_keysets_file(keysets_file);
  while (!policies.empty()) {
    auto one = policies.extract(policies.begin());
    try {
      add(one.key(), std::move(one.mapped()));
    } catch (const core::Error& error) {
      if (unusable == Unusable::thrown) {
        fail(error.status(), "keyset %s: %s", tools::printable(one.key()).c_str(), error.what());
      }
      refused_.emplace(one.key(), error.what());
    }
  }
  for (const auto& [id, keyset] : keysets_) add_policies(keyset);
}

void Keysets::add_policies(const Keyset& keyset) {
  const auto& allowed = keyset.policy.allowed_policies;
  if (keyset.policy.allowed_clients) {
    for_some_.push_back(&keyset);
  } else if (allowed) {
    policies_.insert(allowed->begin(), allowed->end());
  } else {
    any_policy_ = true;
  }
}

bool Keysets::admits(std::uint32_t policy, const std::string& client) const {
  if (any_policy_ || policies_.contains(policy)) return true;
  return std::ranges::any_of(for_some_, [&](const Keyset* keyset) {
    const auto& allowed = keyset->policy.allowed_policies;
    return owner::allows_client(keyset->policy, client) &&
           (!allowed || std::ranges::find(*allowed, policy) != allowed->end());
  });
}

void Keysets::add(std::string id, owner::KeysetPolicy policy) {
  if (!policy.allowed_keys) {
    fail(Status::keyset, "it has no list of allowed_keys, so no key may be released");
  }
  Keyset keyset{{}, std::move(policy), {}};
  keyset.keys = keys_.numbers(*keyset.policy.allowed_keys);
  keyset.policy.allowed_keys.reset();
  check_fits(keyset);
  const auto added = keysets_.emplace(std::move(id), std::move(keyset)).first;
  added->second.id = added->first;
}

// Counting is enough, but only the table itself can say what takes how much.
void Keysets::check_fits(const Keyset& keyset) const {
  const std::size_t size = owner::secret_table_size(1, keys_.bundle_size(keyset.keys));
  if (size <= std::min(area_, owner::kMaxLaunchSecret)) return;
  const TablePart part{core::keyset_guid(), Form::bundle, keyset.keys};
  static_cast<void>(table({&part, 1}));
}

SecretBytes Keysets::content(const TablePart& part) const {
  if (part.form == Form::bundle) return keys_.bundle(part.keys);
  SecretBytes key = keys_.key(part.keys.front());
  return part.form == Form::binary ? std::move(key) : json_of(keys_.id(part.keys.front()), key);
}

SecretBytes Keysets::table(std::span<const TablePart> parts) const {
  std::vector<SecretBytes> contents;
  std::vector<owner::SecretEntry> entries;
  contents.reserve(parts.size());
  for (const TablePart& part : parts) {
    contents.push_back(content(part));
    entries.push_back({part.guid, contents.back().expose()});
  }
  SecretBytes table = owner::build_secret_table(entries, owner::TableLength::unpadded, area_);
  owner::check_launch_secret_size(table.size());
  return table;
}

std::vector<std::string> Keysets::warnings() const {
  std::vector<std::string> all;
  for (const auto& [id, keyset] : keysets_) {
    const std::vector<std::string> of_one = owner::warnings(keyset.policy, id);
    all.insert(all.end(), of_one.begin(), of_one.end());
  }
  return all;
}

std::string Keysets::why_missing(std::string_view id) const {
  const auto found = refused_.find(id);
  if (found == refused_.end()) return "there is no such keyset";
  return "the keyset cannot be released since the last reload: " + found->second;
}

const Keyset* Keysets::find(std::string_view id) const {
  const auto found = keysets_.find(id);
  return found == keysets_.end() ? nullptr : &found->second;
}

std::vector<const Keyset*> Keysets::releasing(KeysFile::Number key) const {
  std::vector<const Keyset*> all;
  for (const auto& [id, keyset] : keysets_) {
    if (std::ranges::find(keyset.keys, key) != keyset.keys.end()) all.push_back(&keyset);
  }
  return all;
}

}  // namespace oskbc::broker
