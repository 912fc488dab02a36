// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret_bytes.h"

namespace oskbc::core {
class JsonReader;
}

namespace oskbc::owner {

// Text that holds secrets and grows: std::string would leave copies behind.
class SecretText {
 public:
  void append(std::string_view text) {
    if (text.size() > bytes_.size() - used_) bytes_.resize(2 * (used_ + text.size()));
    const core::ByteView from = core::as_bytes(text);
    std::copy(from.begin(), from.end(), bytes_.expose_writable().subspan(used_).begin());
    used_ += text.size();
  }

  // Room for this much, so that nothing is copied when it grows.
  void reserve(std::size_t size) {
    if (size > bytes_.size()) bytes_.resize(size);
  }

  [[nodiscard]] core::SecretBytes take() {
    bytes_.resize(used_);
    used_ = 0;
    return std::move(bytes_);
  }

 private:
  core::SecretBytes bytes_;
  std::size_t used_ = 0;
};

// What a keys file may have: a million keys. All of it is locked in memory.
inline constexpr std::size_t kKeysText = std::size_t{64} << 20;

// A keys file: a keyset (lib/README.md) that people edit. Unlike core::Keyset it knows how the text
// stands: the order of the entries and the space between them. Keys are never copied to anything
// but secret bytes; the text is there once.
class KeysFile {
 public:
  // Without entries.
  KeysFile();
  // Throws Status::keyset for what core::Keyset::parse() refuses, with its place in the file, but
  // takes as much as kKeysText.
  explicit KeysFile(core::SecretBytes text, std::string file = "keys file");

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  // Whether the keys stay out of swap.
  [[nodiscard]] bool locked() const noexcept { return text_.locked(); }
  // In the order in which they stand.
  [[nodiscard]] std::vector<std::string> ids() const;
  [[nodiscard]] bool has(std::string_view id) const noexcept { return find(id).has_value(); }

  // A key's number, by which it is found at once: its place among the others, from 0.
  using Number = std::uint32_t;
  [[nodiscard]] std::optional<Number> find(std::string_view id) const noexcept;
  [[nodiscard]] const std::string& id(Number number) const { return entries_[number].id; }
  // In the order of the ids, a repeated one once. Throws Status::unknown_key for an id that has no
  // key.
  [[nodiscard]] std::vector<Number> numbers(std::span<const std::string> ids) const;
  // The bytes of a key.
  [[nodiscard]] core::SecretBytes key(Number number) const;

  // The JSON to inject, with just these entries in this order. It is spaced as Python's
  // json.dumps() does, so that the table is gop-server.py's byte for byte.
  [[nodiscard]] core::SecretBytes bundle(std::span<const Number> numbers) const;
  [[nodiscard]] std::size_t bundle_size(std::span<const Number> numbers) const noexcept;
  // The same of numbers().
  [[nodiscard]] core::SecretBytes bundle(std::span<const std::string> ids) const;

  // The text with a random key of 32 bytes for each id behind the entries that are there, which
  // stay as they stand. Throws Status::argument for an id that is there, is empty or is not UTF-8
  // without NULs.
  [[nodiscard]] core::SecretBytes with_new_keys(std::span<const std::string> ids) const;
  // The text with another value of an entry, or with one more. Throws Status::argument for an id
  // that is empty or is not UTF-8 without NULs.
  [[nodiscard]] core::SecretBytes with_value(const std::string& id, core::ByteView value) const;
  // An entry's bytes. Throws Status::unknown_key.
  [[nodiscard]] core::SecretBytes value(const std::string& id) const;
  // The text without these. Throws Status::unknown_key for an id that is not there.
  [[nodiscard]] core::SecretBytes without(std::span<const std::string> ids) const;
  void check_there(std::span<const std::string> ids) const;

 private:
  // Small, because there may be a million.
  struct Entry {
    std::string id;
    std::uint32_t name = 0;  // where it stands in the text, between the quotes
    std::uint32_t name_size = 0;
    std::uint32_t value = 0;
    std::uint32_t value_size = 0;

    // From quote to quote.
    [[nodiscard]] std::size_t start() const noexcept { return name - 1; }
    [[nodiscard]] std::size_t end() const noexcept { return value + value_size + 1; }
  };
  void read_entries();
  void read_entry(core::JsonReader& reader, core::SecretBytes& room);
  void sort();
  [[nodiscard]] std::string_view name_of(const Entry& entry) const noexcept;
  [[nodiscard]] std::string_view value_of(const Entry& entry) const noexcept;
  [[noreturn]] void fail_unknown(const std::string& id) const;
  void check_new(std::span<const std::string> ids) const;
  // Adds an entry after the others, as they are spaced; `number` counts those that are added.
  void append_entry(SecretText& text, std::size_t number, const std::string& id,
                    core::ByteView value) const;
  void append_rest(SecretText& text, std::size_t added) const;

  std::string file_;
  core::SecretBytes text_;
  std::vector<Entry> entries_;
  std::vector<Number> sorted_;  // by their ids
  std::size_t end_ = 0;         // of the last entry in the text, or of the opening brace
  std::string_view spacing_;    // before the first entry
};

// Text as JSON has it, with its quotes; not for secrets.
[[nodiscard]] std::string json_string(std::string_view text);

// A keys file, and what opens it if it is encrypted (sealed_keys.h): a key file, or without one the
// service manager's credential.
struct KeysLocation {
  KeysLocation() = default;
  KeysLocation(std::string path, std::string key = {})
      : file(std::move(path)), key_file(std::move(key)) {}

  std::string file;
  std::string key_file;
};

// The text of a keys file, decrypted. Throws Status::argument if nothing opens it.
[[nodiscard]] core::SecretBytes read_keys_file(const KeysLocation& keys);

// These change a keys file, mode 0600, which stays encrypted if it was. Two that run at once don't
// lose each other's keys. They throw what KeysFile and tools::write_file() throw.

// Adds random keys; the file is made if it isn't there.
void add_keys(const KeysLocation& keys, std::span<const std::string> ids);
// Adds a random key that is to replace `id` in time: `other`, or if that is "" `id` with "-2",
// "-3"... Returns its id. Throws Status::unknown_key if there is no `id`.
[[nodiscard]] std::string add_key_beside(const KeysLocation& keys, const std::string& id,
                                         std::string other);
// Throws Status::unknown_key.
void remove_keys(const KeysLocation& keys, std::span<const std::string> ids);
void check_keys_are_there(const KeysLocation& keys, std::span<const std::string> ids);

// Changes the keys file to what `change` makes of it, with no other change in between.
void change_keys(const KeysLocation& keys,
                 const std::function<core::SecretBytes(const KeysFile&)>& change);

// Encrypts a keys file. A key file that isn't there is made, which the result tells.
[[nodiscard]] bool seal_keys_file(const KeysLocation& keys);
// Decrypts it for good.
void unseal_keys_file(const KeysLocation& keys);

}  // namespace oskbc::owner
