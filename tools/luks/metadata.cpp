// SPDX-License-Identifier: Apache-2.0
#include "luks/metadata.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "base/error.h"
#include "base/status.h"
#include "common/error.h"
#include "format/json_reader.h"

namespace oskbc::luks {
namespace {

// 32 keyslots, the most that there can be, take some 20 KiB; a bound of our own, because each value
// takes more memory than its text.
constexpr std::size_t kMaxText = std::size_t{64} << 10;
// keyslots, one of them, its area.
constexpr int kMaxDepth = 6;
// Of a name that goes into messages.
constexpr std::size_t kMaxName = 32;

// An escape could make a name that json-c cuts at a NUL, and takes for another.
bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '\\'; }

bool is_number(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit) &&
         (text.size() == 1 || text[0] != '0');
}

bool is_word(std::string_view text) {
  const auto in_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= kMaxName && std::all_of(text.begin(), text.end(), in_word);
}

}  // namespace

class Value::Reading {
 public:
  explicit Reading(std::string_view json)
      : json_(json), reader_(json, core::Status::argument, "LUKS2 header's JSON") {}

  Value whole() {
    Value value = read("the header", 0);
    reader_.finish();
    return value;
  }

 private:
  Value read(std::string name, int depth) {
    Value value;
    value.name_ = std::move(name);
    if (depth > kMaxDepth) value.refuse("is nested too deeply");
    switch (reader_.peek()) {
      case '{':
        value.kind_ = Kind::object;
        read_members(value, depth);
        break;
      case '[':
        value.kind_ = Kind::array;
        for (bool more = reader_.enter_array(); more; more = reader_.next_element()) {
          value.elements_.push_back(read("an element of " + value.name_, depth + 1));
        }
        break;
      case '"':
        value.kind_ = Kind::text;
        value.text_ = reader_.string().raw;
        break;
      default:
        read_literal(value);
    }
    return value;
  }

  void read_members(Value& value, int depth) {
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      std::string name(reader_.name().raw);
      const bool known = is_word(name);
      if (!known || value.find(name) != nullptr) {
        value.refuse(known ? "has a member twice" : "has a member with a strange name");
      }
      value.members_.emplace_back(name, read(called(value.name_, name, depth), depth + 1));
    }
  }

  // In "keyslots", "0" is "keyslot 0"; in that, "area" is "area of keyslot 0".
  static std::string called(const std::string& in, const std::string& name, int depth) {
    if (depth == 0) return name;
    return is_number(name) ? in.substr(0, in.size() - 1) + " " + name : name + " of " + in;
  }

  void read_literal(Value& value) {
    const std::size_t start = reader_.position();
    reader_.skip_value();
    value.text_ = json_.substr(start, reader_.position() - start);
    if (is_number(value.text_)) value.kind_ = Kind::number;
  }

  std::string_view json_;
  core::JsonReader reader_;
};

Value Value::parse(std::string_view json) {
  if (json.size() > kMaxText) tools::refuse("the header's JSON has more than %zu bytes", kMaxText);
  if (!std::all_of(json.begin(), json.end(), is_plain)) {
    tools::refuse("the header's JSON has characters that cryptsetup does not write");
  }
  try {
    return Reading(json).whole();
  } catch (const core::Error& error) {
    tools::refuse("%s", error.what());
  }
}

const Value* Value::find(std::string_view member) const {
  for (const auto& [name, value] : members_) {
    if (name == member) return &value;
  }
  return nullptr;
}

const Value& Value::at(std::string_view member) const {
  if (const Value* value = find(member)) return *value;
  refuse(("has no " + std::string(member)).c_str());
}

void Value::only(std::initializer_list<std::string_view> members) const {
  if (kind_ != Kind::object) refuse("is no object");
  for (const auto& [name, value] : members_) {
    if (std::find(members.begin(), members.end(), name) == members.end()) {
      refuse(("has a member that is not known here: " + name).c_str());
    }
  }
}

const Value::Members& Value::numbered() const {
  if (kind_ != Kind::object) refuse("is no object");
  for (const auto& [name, value] : members_) {
    if (!is_number(name)) refuse("has a member whose name is no number");
  }
  return members_;
}

const std::vector<Value>& Value::array() const {
  if (kind_ != Kind::array) refuse("is no array");
  return elements_;
}

const std::string& Value::text() const {
  if (kind_ != Kind::text) refuse("is no text");
  return text_;
}

std::uint64_t Value::number() const {
  if (kind_ != Kind::number) refuse("is no whole number");
  std::uint64_t number = 0;
  const char* end = text_.data() + text_.size();
  if (std::from_chars(text_.data(), end, number).ec != std::errc()) refuse("is too large");
  return number;
}

std::uint64_t Value::number_in_text() const {
  Value digits;
  digits.name_ = name_;
  digits.text_ = text();
  digits.kind_ = is_number(digits.text_) ? Kind::number : Kind::other;
  return digits.number();
}

void Value::refuse(const char* what) const { tools::refuse("%s %s", name_.c_str(), what); }

}  // namespace oskbc::luks
