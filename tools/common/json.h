// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// JSON that the tools write, in the order in which it was made, and that they read where it is no
// secret. nlohmann/json is known to json.cpp alone: each source that includes it takes five seconds
// longer to compile. Nothing that is made here may be secret.
namespace oskbc::tools {

class Json {
 public:
  using Members = std::initializer_list<std::pair<std::string_view, Json>>;

  Json(const char* text) : Json(std::string_view(text)) {}
  Json(const std::string& text) : Json(std::string_view(text)) {}
  // A path need not be UTF-8: what isn't is replaced when it is written.
  Json(std::string_view text);
  Json(bool truth);
  Json(int number) : Json(static_cast<std::int64_t>(number)) {}
  Json(std::int64_t number);
  Json(std::uint32_t number) : Json(static_cast<std::uint64_t>(number)) {}
  Json(std::uint64_t number);

  static Json object(Members members = {});
  static Json array();
  // An array of the elements that a container has.
  template <typename Container>
  static Json array_of(const Container& elements);

  // Nothing for what is no JSON.
  static std::optional<Json> parse(std::string_view text);

  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  // Of an object: adds a member.
  Json& set(std::string_view name, const Json& value);
  // Of an array: adds an element.
  Json& append(const Json& element);

  // The member of an object; nothing if there is none.
  [[nodiscard]] std::optional<Json> find(std::string_view name) const;
  // A string without its quotes, the elements of an array with ", " between them, else as line().
  [[nodiscard]] std::string text() const;

  // Many lines, with one at the end.
  [[nodiscard]] std::string document() const;
  // Without a line's end.
  [[nodiscard]] std::string line() const;

 private:
  struct Value;

  explicit Json(std::unique_ptr<Value> value);
  std::unique_ptr<Value> value_;
};

template <typename Container>
Json Json::array_of(const Container& elements) {
  Json all = array();
  for (const auto& element : elements) all.append(element);
  return all;
}

}  // namespace oskbc::tools
