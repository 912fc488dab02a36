// SPDX-License-Identifier: Apache-2.0

#include "owner/keys/keys_file.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "base/wrap_type.h"
#include "common/nearest.h"
#include "common/text.h"
#include "format/base64.h"
#include "format/json_reader.h"
#include "format/utf8.h"
#include "owner/crypto/random.h"
#include "owner/keys/keys_diagnosis.h"

namespace oskbc::owner {
namespace {

using core::fail;
using core::SecretBytes;
using core::Status;

constexpr std::string_view kNewSpacing = "\n  ";

SecretBytes copy_of(std::string_view text) {
  SecretText copy;
  copy.append(text);
  return copy.take();
}

bool is_id(std::string_view text) {
  if (text.empty() || text.find('\0') != std::string_view::npos) return false;
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : core::utf8::sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

SecretBytes random_key() {
  SecretBytes key(core::kKekSize);
  SystemRandom().fill(key.expose_writable());
  return key;
}

// `room` is for all values in turn: pages for each would take long.
bool is_base64(const core::JsonString& value, SecretBytes& room) {
  const core::DecodedString text(value);
  return core::read_base64(text.expose_text(), [&](std::size_t size) {
    if (size > room.size()) room.resize(size);
    return room.expose_writable().first(size);
  });
}

void append_base64(SecretText& text, core::ByteView bytes) {
  SecretBytes encoded(core::base64::encoded_size(bytes.size()));
  const core::ByteSpan out = encoded.expose_writable();
  core::base64::encode(bytes, {reinterpret_cast<char*>(out.data()), out.size()});
  text.append(encoded.expose_text());
}

}  // namespace

KeysFile::KeysFile() : KeysFile(copy_of("{}\n")) {}

KeysFile::KeysFile(SecretBytes text, std::string file)
    : file_(std::move(file)), text_(std::move(text)) {
  if (text_.size() > kKeysText) {
    fail(Status::keyset, "%s has more than %zu bytes", file_.c_str(), kKeysText);
  }
  try {
    read_entries();
  } catch (const core::Error& error) {
    // Walks once more, to tell what is wrong where.
    explain_keys(text_.expose_text(), file_, error);
  }
}

void KeysFile::read_entries() {
  const std::string_view text = text_.expose_text();
  core::JsonReader reader(text, Status::keyset, "keys file");
  SecretBytes room;
  bool more = reader.enter_object();
  end_ = text.find('{') + 1;
  for (; more; more = reader.next_member()) read_entry(reader, room);
  reader.finish(/*allow_nuls=*/true);
  sort();
}

// What core::Keyset checks, without its copy of all keys.
void KeysFile::read_entry(core::JsonReader& reader, SecretBytes& room) {
  const std::string_view text = text_.expose_text();
  reader.peek();
  if (entries_.empty()) spacing_ = text.substr(end_, reader.position() - end_);
  const core::JsonString name = reader.name();
  if (reader.peek() != '"') reader.malformed("the value is not a string");
  const core::JsonString value = reader.string();
  Entry entry;
  entry.id = to_string(name);
  entry.name = static_cast<std::uint32_t>(name.raw.data() - text.data());
  entry.name_size = static_cast<std::uint32_t>(name.raw.size());
  entry.value = static_cast<std::uint32_t>(value.raw.data() - text.data());
  entry.value_size = static_cast<std::uint32_t>(value.raw.size());
  if (entry.id.find('\0') != std::string::npos) reader.malformed("the id holds a NUL");
  if (!is_base64(value, room)) reader.malformed("the value is not canonical base64");
  end_ = reader.position();
  entries_.push_back(std::move(entry));
}

void KeysFile::sort() {
  sorted_.resize(entries_.size());
  std::iota(sorted_.begin(), sorted_.end(), Number{0});
  const auto id_of = [this](Number number) -> const std::string& { return entries_[number].id; };
  std::ranges::sort(sorted_, {}, id_of);
  if (std::ranges::adjacent_find(sorted_, {}, id_of) == sorted_.end()) return;
  fail(Status::keyset, "an id is there already");
}

std::string_view KeysFile::name_of(const Entry& entry) const noexcept {
  return text_.expose_text().substr(entry.name, entry.name_size);
}

std::string_view KeysFile::value_of(const Entry& entry) const noexcept {
  return text_.expose_text().substr(entry.value, entry.value_size);
}

std::vector<std::string> KeysFile::ids() const {
  std::vector<std::string> ids;
  for (const Entry& entry : entries_) ids.push_back(entry.id);
  return ids;
}

std::optional<KeysFile::Number> KeysFile::find(std::string_view id) const noexcept {
  const auto id_of = [this](Number number) { return std::string_view(entries_[number].id); };
  const auto found = std::ranges::lower_bound(sorted_, id, {}, id_of);
  if (found == sorted_.end() || id_of(*found) != id) return std::nullopt;
  return *found;
}

void KeysFile::fail_unknown(const std::string& id) const {
  // Among more than these it would take longer than anybody waits.
  constexpr std::size_t kMostToCompare = 4096;
  fail(Status::unknown_key, "%s has no key for the id %s%s", file_.c_str(),
       tools::printable(id).c_str(),
       size() > kMostToCompare ? "" : tools::did_you_mean(id, ids()).c_str());
}

std::vector<KeysFile::Number> KeysFile::numbers(std::span<const std::string> ids) const {
  std::vector<Number> numbers;
  std::set<Number> seen;
  for (const std::string& id : ids) {
    const std::optional<Number> number = find(id);
    if (!number) fail_unknown(id);
    if (seen.insert(*number).second) numbers.push_back(*number);
  }
  return numbers;
}

SecretBytes KeysFile::key(Number number) const {
  const std::string_view raw = value_of(entries_[number]);
  const core::DecodedString value({raw, raw.find('\\') != std::string_view::npos});
  SecretBytes bytes;
  // It was looked at when the file was read.
  static_cast<void>(core::read_base64(value.expose_text(), [&](std::size_t size) {
    bytes.resize(size);
    return bytes.expose_writable();
  }));
  return bytes;
}

std::size_t KeysFile::bundle_size(std::span<const Number> numbers) const noexcept {
  constexpr std::size_t kAround = std::string_view(R"("": "", )").size();
  std::size_t size = std::string_view("{}").size();
  for (const Number number : numbers) {
    size += kAround + entries_[number].name_size + entries_[number].value_size;
  }
  return numbers.empty() ? size : size - std::string_view(", ").size();
}

SecretBytes KeysFile::bundle(std::span<const Number> numbers) const {
  SecretText json;
  json.reserve(bundle_size(numbers));
  json.append("{");
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    json.append(i == 0 ? "\"" : ", \"");
    json.append(name_of(entries_[numbers[i]]));
    json.append("\": \"");
    json.append(value_of(entries_[numbers[i]]));
    json.append("\"");
  }
  json.append("}");
  return json.take();
}

SecretBytes KeysFile::bundle(std::span<const std::string> ids) const {
  return bundle(numbers(ids));
}

void KeysFile::check_new(std::span<const std::string> ids) const {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!is_id(ids[i])) fail(Status::argument, "key id %zu is empty or not UTF-8", i + 1);
    if (has(ids[i])) {
      fail(Status::argument, "key id %s is in %s already; keys are never overwritten",
           tools::printable(ids[i]).c_str(), file_.c_str());
    }
    if (std::count(ids.begin(), ids.end(), ids[i]) > 1) {
      fail(Status::argument, "key id %s is given twice", tools::printable(ids[i]).c_str());
    }
  }
}

void KeysFile::append_entry(SecretText& text, std::size_t number, const std::string& id,
                            core::ByteView value) const {
  const bool was_empty = entries_.empty();
  if (!was_empty || number != 0) text.append(",");
  text.append(was_empty ? kNewSpacing : spacing_);
  text.append(json_string(id) + ": \"");
  append_base64(text, value);
  text.append("\"");
}

void KeysFile::append_rest(SecretText& text, std::size_t added) const {
  const std::string_view old = text_.expose_text();
  if (entries_.empty() && added != 0) text.append("\n");
  text.append(entries_.empty() ? old.substr(old.find('}')) : old.substr(end_));
}

SecretBytes KeysFile::with_new_keys(std::span<const std::string> ids) const {
  check_new(ids);
  SecretText text;
  text.append(text_.expose_text().substr(0, end_));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    append_entry(text, i, ids[i], random_key().expose());
  }
  append_rest(text, ids.size());
  return text.take();
}

SecretBytes KeysFile::with_value(const std::string& id, core::ByteView value) const {
  const std::string_view old = text_.expose_text();
  SecretText text;
  const std::optional<Number> number = find(id);
  if (!number) {
    check_new({&id, 1});
    text.append(old.substr(0, end_));
    append_entry(text, 0, id, value);
    append_rest(text, 1);
    return text.take();
  }
  const Entry& entry = entries_[*number];
  text.append(old.substr(0, entry.value));
  append_base64(text, value);
  text.append(old.substr(entry.end() - 1));
  return text.take();
}

SecretBytes KeysFile::value(const std::string& id) const {
  const std::optional<Number> number = find(id);
  if (!number) fail_unknown(id);
  return key(*number);
}

void KeysFile::check_there(std::span<const std::string> ids) const {
  for (const std::string& id : ids) {
    if (!has(id)) fail_unknown(id);
  }
}

SecretBytes KeysFile::without(std::span<const std::string> ids) const {
  check_there(ids);
  const std::string_view old = text_.expose_text();
  SecretText text;
  bool is_first = true;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (i == 0) text.append(old.substr(0, entry.start()));
    if (std::find(ids.begin(), ids.end(), entry.id) != ids.end()) continue;
    // What stands between an entry and the one before it goes with the entry.
    const std::size_t before = is_first ? entry.start() : entries_[i - 1].end();
    text.append(old.substr(before, entry.end() - before));
    is_first = false;
  }
  text.append(old.substr(end_));
  return text.take();
}

std::string json_string(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out.append("\\u00").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 0x0fU]);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

}  // namespace oskbc::owner
