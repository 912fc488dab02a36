// SPDX-License-Identifier: Apache-2.0
#include "format/keyset.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/limits.h"
#include "base/status.h"
#include "format/json_reader.h"
#include "format/uris.h"

namespace oskbc::core {
namespace {

// What an entry takes that has a key and a short id.
constexpr std::size_t kTypicalEntry = 56;

constexpr std::uint32_t narrow(std::size_t size) { return static_cast<std::uint32_t>(size); }

}  // namespace

// Reads ahead of where it writes: no value is longer than its base64, nor are all before it.
class KeysetParser {
 public:
  explicit KeysetParser(SecretBytes text) : reader_(text.expose_text(), Status::keyset, "keyset") {
    // Escapes don't grow, and an id's quotes make room for its NUL.
    keyset_.ids_.reserve(text.size());
    keyset_.entries_.reserve(text.size() / kTypicalEntry + 1);
    keyset_.values_ = std::move(text);
  }

  Keyset parse() {
    if (reader_.peek() == '\0') reader_.malformed("it is empty");
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) read_entry();
    reader_.finish(/*allow_nuls=*/true);
    keyset_.values_.resize(used_);
    sort();
    return std::move(keyset_);
  }

 private:
  using Entry = Keyset::Entry;

  void read_entry() {
    const std::size_t number = keyset_.entries_.size() + 1;
    Entry entry{};
    store_id(reader_.name(), entry, number);
    if (reader_.peek() != '"') bad_entry(number, "the value is not a string");
    decode_value(reader_.string(), entry, number);
    keyset_.entries_.push_back(entry);
  }

  void store_id(const JsonString& name, Entry& entry, std::size_t number) {
    std::vector<char>& ids = keyset_.ids_;
    entry.id = narrow(ids.size());
    ids.insert(ids.end(), name.raw.begin(), name.raw.end());
    if (name.escaped) decode_id(name, entry, number);
    entry.id_size = narrow(ids.size() - entry.id);
    ids.push_back('\0');
  }

  void decode_id(const JsonString& name, const Entry& entry, std::size_t number) {
    std::vector<char>& ids = keyset_.ids_;
    auto* destination = reinterpret_cast<std::uint8_t*>(ids.data()) + entry.id;
    ids.resize(entry.id + decode_json_string(name, {destination, name.raw.size()}));
    // The C interface gives ids out as strings; a NUL that is not escaped is no JSON.
    if (std::find(ids.begin() + entry.id, ids.end(), '\0') != ids.end()) {
      bad_entry(number, "the id holds a NUL");
    }
  }

  void decode_value(const JsonString& value, Entry& entry, std::size_t number) {
    entry.value = narrow(used_);
    const bool decoded = read_base64(unescape(value), [&](std::size_t size) {
      entry.value_size = narrow(size);
      return keyset_.values_.expose_writable().subspan(used_, size);
    });
    if (!decoded) bad_entry(number, "the value is not canonical base64");
    used_ += entry.value_size;
  }

  // In its own place, because escapes don't grow.
  std::string_view unescape(const JsonString& value) {
    if (!value.escaped) return value.raw;
    const ByteSpan text = keyset_.values_.expose_writable();
    const auto start = static_cast<std::size_t>(as_bytes(value.raw).data() - text.data());
    const ByteSpan place = text.subspan(start, value.raw.size());
    return as_text(place.first(decode_json_string(value, place)));
  }

  void sort() {
    keyset_.sort();
    const auto& entries = keyset_.entries_;
    const auto repeated = std::adjacent_find(
        entries.begin(), entries.end(),
        [this](const Entry& a, const Entry& b) { return keyset_.id(a) == keyset_.id(b); });
    if (repeated == entries.end()) return;
    bad_entry(keyset_.number_of(repeated[1]), "the id is there already");
  }

  [[noreturn]] static void bad_entry(std::size_t number, const char* why) {
    fail(Status::keyset, "entry %zu of the keyset is malformed: %s", number, why);
  }

  JsonReader reader_;
  Keyset keyset_;
  std::size_t used_ = 0;
};

Keyset Keyset::parse(SecretBytes text, std::size_t limit) {
  if (text.size() > limit) fail(Status::keyset, "the keyset has more than %zu bytes", limit);
  return KeysetParser(std::move(text)).parse();
}

Keyset Keyset::parse(std::string_view text) {
  SecretBytes copy(text.size());
  std::copy(text.begin(), text.end(), copy.expose_writable().begin());
  return parse(std::move(copy));
}

void Keyset::sort() {
  ranks_ = {};
  for (const Entry& entry : entries_) ranks_.add(id(entry));
  for (Entry& entry : entries_) entry.rank = ranks_.rank(id(entry));
  // Equal ids keep their order, so that a message can name the later one.
  std::sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    const int order = id(a).compare(id(b));
    return order != 0 ? order < 0 : a.id < b.id;
  });
}

std::size_t Keyset::number_of(const Entry& entry) const noexcept {
  return static_cast<std::size_t>(std::count(ids_.begin(), ids_.begin() + entry.id, '\0')) + 1;
}

void Keyset::add(const Keyset& other, std::span<const std::string_view> but) {
  std::vector<Entry> added;
  std::size_t size = 0;
  for (const Entry& entry : other.entries_) {
    if (find(other.id(entry))) {
      fail(Status::keyset, "entry %zu of the injected keyset is in the keyset file, too",
           other.number_of(entry));
    }
    if (std::ranges::find(but, other.id(entry)) != but.end()) continue;
    added.push_back(entry);
    size += entry.value_size;
  }
  if (added.empty()) return;
  std::size_t used = values_.size();
  values_.resize(used + size);
  for (const Entry& entry : added) {
    add(other, entry, used);
    used += entry.value_size;
  }
  sort();
}

void Keyset::add(const Keyset& other, const Entry& entry, std::size_t values) {
  const ByteView value = other.values_.expose().subspan(entry.value, entry.value_size);
  std::ranges::copy(value, values_.expose_writable().subspan(values).begin());
  const std::string_view id = other.id(entry);
  entries_.push_back({0, narrow(ids_.size()), entry.id_size, narrow(values), entry.value_size});
  ids_.insert(ids_.end(), id.data(), id.data() + id.size() + 1);
}

const Keyset::Entry* Keyset::find(std::string_view wanted) const noexcept {
  if (!ranks_.may_have(wanted)) return nullptr;
  const std::uint64_t rank = ranks_.rank(wanted);
  const auto found = std::ranges::partition_point(entries_, [&](const Entry& entry) {
    return entry.rank != rank ? entry.rank < rank : id(entry) < wanted;
  });
  return found != entries_.end() && id(*found) == wanted ? &*found : nullptr;
}

const Keyset::Entry* Keyset::find_key(std::string_view kid) const noexcept {
  if (const Entry* exact = find(kid)) return exact;
  const auto path = resource_path(kid);
  return path ? find(*path) : nullptr;
}

}  // namespace oskbc::core
