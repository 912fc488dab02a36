// SPDX-License-Identifier: Apache-2.0
#include "broker/keysets.h"

#include <set>
#include <utility>

#include "base/error.h"
#include "base/guid.h"
#include "base/status.h"
#include "common/text.h"
#include "owner/keys/keyset_policy.h"
#include "owner/keys/secret_table.h"
#include "owner/launch/launch_secret.h"

namespace oskbc::broker {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;

SecretBytes table_of(const SecretBytes& bundle, std::size_t area) {
  const owner::SecretEntry entry{core::keyset_guid(), bundle.expose()};
  SecretBytes table = owner::build_secret_table({&entry, 1}, owner::TableLength::unpadded, area);
  owner::check_launch_secret_size(table.size());
  return table;
}

Keyset build(owner::KeysetPolicy policy, const owner::KeysFile& keys, std::size_t area) {
  if (!policy.allowed_keys) {
    fail(Status::keyset, "it has no list of allowed_keys, so no key may be released");
  }
  const std::set<std::string> ids(policy.allowed_keys->begin(), policy.allowed_keys->end());
  SecretBytes table = table_of(keys.bundle(*policy.allowed_keys), area);
  return {std::move(policy), std::move(table), ids.size()};
}

}  // namespace

Keysets::Keysets(const owner::KeysLocation& keys_file, const std::string& keysets_file,
                 std::size_t area) {
  const owner::KeysFile keys(owner::read_keys_file(keys_file), keys_file.file);
  for (auto& [id, policy] : owner::read_keysets_file(keysets_file)) {
    try {
      keysets_.emplace(id, build(std::move(policy), keys, area));
    } catch (const core::Error& error) {
      fail(error.status(), "keyset %s: %s", tools::printable(id).c_str(), error.what());
    }
  }
}

std::vector<std::string> Keysets::warnings() const {
  std::vector<std::string> all;
  for (const auto& [id, keyset] : keysets_) {
    const std::vector<std::string> of_one = owner::warnings(keyset.policy, id);
    all.insert(all.end(), of_one.begin(), of_one.end());
  }
  return all;
}

const Keyset* Keysets::find(std::string_view id) const {
  const auto found = keysets_.find(id);
  return found == keysets_.end() ? nullptr : &found->second;
}

}  // namespace oskbc::broker
