// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret_bytes.h"

namespace oskbc::core {

// The injected keyset: a JSON object of id to base64, its values decoded. Ids are no secrets. All
// values lie in one block of secret pages, so that each key is in memory once.
class Keyset {
 public:
  // Without entries.
  Keyset() = default;

  // Reads the text of the injected entry, or of a keys file. Throws Status::keyset for anything but
  // one flat object of distinct ids to canonical base64, followed by white space or NULs (injectors
  // pad). One bad entry refuses the whole set; the message gives its number, counted from 1.
  [[nodiscard]] static Keyset parse(std::string_view text);

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  // Sorted by bytes.
  [[nodiscard]] const std::string& id(std::size_t index) const { return entries_[index].id; }
  [[nodiscard]] ByteView expose_value(std::size_t index) const noexcept;
  // The entry with exactly this id.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view id) const noexcept;
  // The entry that a packet's kid means: the one with exactly this id, else with its path.
  [[nodiscard]] std::optional<std::size_t> find_key(std::string_view kid) const noexcept;
  [[nodiscard]] bool locked() const noexcept { return values_.empty() || values_.locked(); }

 private:
  struct Entry {
    std::string id;
    std::size_t number;
    std::size_t offset;
    std::size_t size;
  };
  friend class KeysetParser;

  std::vector<Entry> entries_;
  SecretBytes values_;
};

}  // namespace oskbc::core
