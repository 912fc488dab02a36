// SPDX-License-Identifier: Apache-2.0
#include "format/keyset.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/status.h"
#include "format/json_bytes.h"
#include "format/json_reader.h"
#include "format/key_id.h"

namespace oskbc::core {

class KeysetParser {
 public:
  explicit KeysetParser(std::string_view text) : reader_(text, Status::keyset, "keyset") {
    // Base64 never grows, so this holds all values, and none is ever moved to another block.
    keyset_.values_ = SecretBytes(text.size());
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
  void read_entry() {
    const std::size_t number = keyset_.entries_.size() + 1;
    std::string id = to_string(reader_.name());
    // The C interface gives ids out as strings.
    if (id.find('\0') != std::string::npos) bad_entry(number, "the id holds a NUL");
    if (reader_.peek() != '"') bad_entry(number, "the value is not a string");
    const std::size_t size = decode_value(reader_.string(), number);
    keyset_.entries_.push_back({std::move(id), number, used_, size});
    used_ += size;
  }

  std::size_t decode_value(const JsonString& value, std::size_t number) {
    const DecodedString text(value);
    std::size_t size = 0;
    const bool decoded = read_base64(text.expose_text(), [&](std::size_t needed) {
      size = needed;
      return keyset_.values_.expose_writable().subspan(used_, needed);
    });
    if (!decoded) bad_entry(number, "the value is not canonical base64");
    return size;
  }

  void sort() {
    auto& entries = keyset_.entries_;
    // Equal ids keep their order, so that the message can name the later one.
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return a.id < b.id; });
    const auto repeated = std::adjacent_find(
        entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.id == b.id; });
    if (repeated != entries.end())
      bad_entry(std::next(repeated)->number, "the id is there already");
  }

  [[noreturn]] static void bad_entry(std::size_t number, const char* why) {
    fail(Status::keyset, "entry %zu of the keyset is malformed: %s", number, why);
  }

  JsonReader reader_;
  Keyset keyset_;
  std::size_t used_ = 0;
};

Keyset Keyset::parse(std::string_view text) {
  if (text.size() > limits::kKeysetText) {
    fail(Status::keyset, "the keyset has more than %zu bytes", limits::kKeysetText);
  }
  return KeysetParser(text).parse();
}

ByteView Keyset::expose_value(std::size_t index) const noexcept {
  return values_.expose().subspan(entries_[index].offset, entries_[index].size);
}

std::optional<std::size_t> Keyset::find(std::string_view id) const noexcept {
  const auto place = std::lower_bound(entries_.begin(), entries_.end(), id,
                                      [](const Entry& entry, std::string_view wanted) {
                                        return std::string_view(entry.id) < wanted;
                                      });
  if (place == entries_.end() || place->id != id) return std::nullopt;
  return static_cast<std::size_t>(place - entries_.begin());
}

std::optional<std::size_t> Keyset::find_key(std::string_view kid) const noexcept {
  if (const auto exact = find(kid)) return exact;
  const auto path = resource_path(kid);
  return path ? find(*path) : std::nullopt;
}

}  // namespace oskbc::core
