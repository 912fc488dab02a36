// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/guid.h"
#include "base/secret_bytes.h"
#include "owner/keys/keys_file.h"
#include "owner/keys/keyset_policy.h"

namespace oskbc::broker {

// On which conditions keys are released, and which. Small, because there may be many thousands.
struct Keyset {
  std::string_view id;
  // Without its allowed_keys, which are the numbers.
  owner::KeysetPolicy policy;
  std::vector<owner::KeysFile::Number> keys;
};

// What becomes of a keyset that cannot be built: its key is gone, or its table is too large.
enum class Unusable {
  thrown,  // where somebody waits who can mend it
  refused  // where others are to be released nevertheless
};

// How a part of a secret table is made of keys.
enum class Form {
  bundle,  // the keyset, as the guest's client reads it
  binary,  // the bytes of one key
  json     // its id and its base64, as simple-kbs writes them
};

// An entry of a secret table.
struct TablePart {
  core::Guid guid;
  Form form = Form::bundle;
  std::span<const owner::KeysFile::Number> keys;
};

// All that a keys file and a keysets file, or a folder of these, have, checked beforehand: what is
// wrong with any shows when the broker starts, not when a guest waits. The keys are there once, in
// the text of their file; tables are made when they are asked for.
class Keysets {
 public:
  // Throws Status::keyset or Status::unknown_key, or Status::argument for a table over `area`
  // bytes; the message names the keyset. A file that cannot be read as a whole is thrown always.
  Keysets(const owner::KeysLocation& keys_file, const std::string& keysets_file, std::size_t area,
          Unusable unusable = Unusable::thrown);
  Keysets(const Keysets&) = delete;
  Keysets& operator=(const Keysets&) = delete;

  // Null if there is none that may be released.
  [[nodiscard]] const Keyset* find(std::string_view id) const;
  // Why there is none, for the audit.
  [[nodiscard]] std::string why_missing(std::string_view id) const;
  // What is wrong with each keyset that is refused, by its id.
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& refused() const noexcept {
    return refused_;
  }
  // Those that release a key, by their ids.
  [[nodiscard]] std::vector<const Keyset*> releasing(owner::KeysFile::Number key) const;
  [[nodiscard]] const owner::KeysFile& keys() const noexcept { return keys_; }

  // What is put into the guest's memory. Throws Status::argument for what does not fit the area,
  // and for a repeated GUID.
  [[nodiscard]] core::SecretBytes table(std::span<const TablePart> parts) const;

  // Whether any keyset allows the policy to the client with this name.
  [[nodiscard]] bool admits(std::uint32_t policy, const std::string& client) const;
  // Of all of them, owner::warnings().
  [[nodiscard]] std::vector<std::string> warnings() const;
  [[nodiscard]] std::size_t size() const noexcept { return keysets_.size(); }

 private:
  void add(std::string id, owner::KeysetPolicy policy);
  void check_fits(const Keyset& keyset) const;
  [[nodiscard]] core::SecretBytes content(const TablePart& part) const;

  owner::KeysFile keys_;
  std::size_t area_;
  void add_policies(const Keyset& keyset);

  std::map<std::string, Keyset, std::less<>> keysets_;
  std::map<std::string, std::string, std::less<>> refused_;
  // Of those without allowed-clients, which are for all: 20,000 are too many to look at for each
  // bundle.
  bool any_policy_ = false;
  std::set<std::uint32_t> policies_;
  std::vector<const Keyset*> for_some_;
};

}  // namespace oskbc::broker
