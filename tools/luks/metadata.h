// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The JSON of a LUKS2 header, which a hostile host may have written. What two readers could take in
// two ways is refused: a member twice, an escape, a character that cryptsetup does not write. All
// that is wrong throws tools::Refused, whose text names what of the header it is.
namespace oskbc::luks {

class Value {
 public:
  using Members = std::vector<std::pair<std::string, Value>>;

  // Throws for more than kMaxText bytes, too.
  [[nodiscard]] static Value parse(std::string_view json);

  // What the value is called in messages: "keyslot 0".
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // Of an object. The names of parts go into messages, so only known ones are asked for.
  [[nodiscard]] const Value& at(std::string_view member) const;
  [[nodiscard]] const Value* find(std::string_view member) const;
  // Refuses an object with any other member: nobody knows what it would do.
  void only(std::initializer_list<std::string_view> members) const;
  // The members of an object whose names are numbers, each called by `kind` and its number.
  [[nodiscard]] const Members& numbered() const;

  [[nodiscard]] const std::vector<Value>& array() const;
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] std::uint64_t number() const;
  // LUKS2 writes what may need 64 bits as a text of digits.
  [[nodiscard]] std::uint64_t number_in_text() const;

  [[noreturn]] void refuse(const char* what) const;

 private:
  enum class Kind { object, array, text, number, other };
  class Reading;

  std::string name_;
  Kind kind_ = Kind::other;
  std::string text_;  // of a number, its digits
  Members members_;
  std::vector<Value> elements_;
};

}  // namespace oskbc::luks
