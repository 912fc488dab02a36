// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/secret_bytes.h"
#include "format/id_ranks.h"

namespace oskbc::core {

// The entries that open a keyset in a file: its key, and its SHA-256.
inline constexpr std::string_view kFileKeyId = "oskbc/keyset/key";
inline constexpr std::string_view kFileDigestId = "oskbc/keyset/sha256";

// The injected keyset: a JSON object of id to base64, its values decoded. Ids are no secrets. All
// values lie in one block of secret pages, so that each key is in memory once.
class Keyset {
 public:
  // Where the parts of an entry are: for who finds it to hand back. Small, because there may be
  // thousands; limits::kKeysetText bounds all numbers.
  struct Entry {
    std::uint64_t rank;
    std::uint32_t id;  // where it starts in ids_
    std::uint32_t id_size;
    std::uint32_t value;  // where it starts in values_
    std::uint32_t value_size;
  };

  // Without entries.
  Keyset() = default;

  // Reads the text of the injected entry, or of a keys file. Throws Status::keyset for anything but
  // one flat object of distinct ids to canonical base64, followed by white space or NULs (injectors
  // pad). One bad entry refuses the whole set; the message gives its number, counted from 1. The
  // values are decoded over the text.
  [[nodiscard]] static Keyset parse(SecretBytes text, std::size_t limit = limits::kKeysetText);
  // The same from a copy.
  [[nodiscard]] static Keyset parse(std::string_view text);

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  // A NUL follows it.
  [[nodiscard]] std::string_view id(const Entry& entry) const noexcept {
    return {ids_.data() + entry.id, entry.id_size};
  }
  [[nodiscard]] ByteView expose_value(const Entry& entry) const noexcept {
    return values_.expose().subspan(entry.value, entry.value_size);
  }
  // The same by place; ids are sorted by bytes.
  [[nodiscard]] std::string_view id(std::size_t index) const noexcept {
    return id(entries_[index]);
  }
  [[nodiscard]] ByteView expose_value(std::size_t index) const noexcept {
    return expose_value(entries_[index]);
  }
  // The entry with exactly this id, or a null pointer; not for longer than until one is added.
  [[nodiscard]] const Entry* find(std::string_view wanted) const noexcept;
  // The entry that a packet's kid means: the one with exactly this id, else with its path.
  [[nodiscard]] const Entry* find_key(std::string_view kid) const noexcept;
  // Adds the other's entries, but for those ids. Throws Status::keyset if any of its ids is here.
  [[gnu::cold]] void add(const Keyset& other, std::span<const std::string_view> but);

  // Of the values; without any there is nothing to protect.
  [[nodiscard]] Protection protection() const noexcept {
    return values_.empty() ? Protection{true, true, true} : values_.protection();
  }

 private:
  friend class KeysetParser;

  // Ranks all ids and sorts the entries; equal ids keep their order.
  void sort();
  [[gnu::cold]] void add(const Keyset& other, const Entry& entry, std::size_t values);
  // In the text, counted from 1. Sorting moves the entries, but not the ids.
  [[nodiscard]] std::size_t number_of(const Entry& entry) const noexcept;

  std::vector<char> ids_;  // each with a NUL, in the order of the text
  IdRanks ranks_;
  std::vector<Entry> entries_;
  SecretBytes values_;
};

}  // namespace oskbc::core
