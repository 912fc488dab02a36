// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret_bytes.h"
#include "owner/keys/keys_file.h"
#include "owner/keys/keyset_policy.h"

namespace oskbc::broker {

// A keyset as it is released: on which conditions, and the table that goes into the guest's memory.
struct Keyset {
  owner::KeysetPolicy policy;
  core::SecretBytes table;
  std::size_t keys = 0;
};

// All that a keys file and a keysets file have, read and built beforehand: what is wrong with
// either shows when the broker starts, not when a guest waits.
class Keysets {
 public:
  // Throws Status::keyset or Status::unknown_key, or Status::argument for a table over `area`
  // bytes; the message names the keyset.
  Keysets(const owner::KeysLocation& keys_file, const std::string& keysets_file, std::size_t area);

  // Null if there is none.
  [[nodiscard]] const Keyset* find(std::string_view id) const;
  // Of all of them, owner::warnings().
  [[nodiscard]] std::vector<std::string> warnings() const;
  [[nodiscard]] std::size_t size() const noexcept { return keysets_.size(); }

 private:
  std::map<std::string, Keyset, std::less<>> keysets_;
};

}  // namespace oskbc::broker
