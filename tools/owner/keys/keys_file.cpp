// SPDX-License-Identifier: Apache-2.0

#include "owner/keys/keys_file.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "base/wrap_type.h"
#include "common/nearest.h"
#include "common/text.h"
#include "format/base64.h"
#include "format/json_reader.h"
#include "format/keyset.h"
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
  // It knows all that is wrong with a keyset; what is left here is to remember the positions.
  try {
    static_cast<void>(core::Keyset::parse(text_.expose_text()));
  } catch (const core::Error& error) {
    explain_keys(text_.expose_text(), file_, error);
  }
  read_entries();
}

void KeysFile::read_entries() {
  const std::string_view text = text_.expose_text();
  core::JsonReader reader(text, Status::keyset, "keys file");
  end_ = text.find('{') + 1;
  for (bool more = reader.enter_object(); more; more = reader.next_member()) {
    reader.peek();
    if (entries_.empty()) spacing_ = text.substr(end_, reader.position() - end_);
    const std::size_t start = reader.position();
    const core::JsonString name = reader.name();
    const core::JsonString value = reader.string();
    end_ = reader.position();
    entries_.push_back({to_string(name), name.raw, value.raw, start, end_});
  }
}

std::vector<std::string> KeysFile::ids() const {
  std::vector<std::string> ids;
  for (const Entry& entry : entries_) ids.push_back(entry.id);
  return ids;
}

const KeysFile::Entry* KeysFile::find(std::string_view id) const noexcept {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

bool KeysFile::has(std::string_view id) const noexcept { return find(id) != nullptr; }

void KeysFile::fail_unknown(const std::string& id) const {
  fail(Status::unknown_key, "%s has no key for the id %s%s", file_.c_str(),
       tools::printable(id).c_str(), tools::did_you_mean(id, ids()).c_str());
}

SecretBytes KeysFile::bundle(std::span<const std::string> ids) const {
  SecretText json;
  json.append("{");
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Entry* entry = find(ids[i]);
    if (entry == nullptr) fail_unknown(ids[i]);
    if (std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(i), ids[i]) !=
        ids.begin() + static_cast<std::ptrdiff_t>(i)) {
      continue;
    }
    json.append(i == 0 ? "\"" : ", \"");
    json.append(entry->name);
    json.append("\": \"");
    json.append(entry->value);
    json.append("\"");
  }
  json.append("}");
  return json.take();
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

SecretBytes KeysFile::with_new_keys(std::span<const std::string> ids) const {
  check_new(ids);
  const std::string_view old = text_.expose_text();
  const bool was_empty = entries_.empty();
  SecretText text;
  text.append(old.substr(0, end_));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!was_empty || i != 0) text.append(",");
    text.append(was_empty ? kNewSpacing : spacing_);
    text.append(json_string(ids[i]) + ": \"");
    append_base64(text, random_key().expose());
    text.append("\"");
  }
  if (was_empty && !ids.empty()) text.append("\n");
  text.append(was_empty ? old.substr(old.find('}')) : old.substr(end_));
  return text.take();
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
    if (i == 0) text.append(old.substr(0, entry.start));
    if (std::find(ids.begin(), ids.end(), entry.id) != ids.end()) continue;
    // What stands between an entry and the one before it goes with the entry.
    const std::size_t before = is_first ? entry.start : entries_[i - 1].end;
    text.append(old.substr(before, entry.end - before));
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
