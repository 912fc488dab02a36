// SPDX-License-Identifier: Apache-2.0
#include "common/json.h"

#include <nlohmann/json.hpp>

namespace oskbc::tools {

struct Json::Value {
  nlohmann::ordered_json json;

  [[nodiscard]] std::string text(int indent) const {
    return json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
};

Json::Json(std::unique_ptr<Value> value) : value_(std::move(value)) {}

Json::Json(std::string_view text) : value_(std::make_unique<Value>(Value{text})) {}
Json::Json(bool truth) : value_(std::make_unique<Value>(Value{truth})) {}
Json::Json(std::int64_t number) : value_(std::make_unique<Value>(Value{number})) {}
Json::Json(std::uint64_t number) : value_(std::make_unique<Value>(Value{number})) {}

Json Json::object(Members members) {
  Json made(std::make_unique<Value>(Value{nlohmann::ordered_json::object()}));
  for (const auto& [name, value] : members) made.set(name, value);
  return made;
}

Json Json::array() { return Json(std::make_unique<Value>(Value{nlohmann::ordered_json::array()})); }

Json::Json(const Json& other) : value_(std::make_unique<Value>(*other.value_)) {}
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) { return *this = Json(other); }
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json& Json::set(std::string_view name, const Json& value) {
  value_->json[std::string(name)] = value.value_->json;
  return *this;
}

Json& Json::append(const Json& element) {
  value_->json.push_back(element.value_->json);
  return *this;
}

std::optional<Json> Json::parse(std::string_view text) {
  auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return Json(std::make_unique<Value>(Value{std::move(json)}));
}

std::optional<Json> Json::find(std::string_view name) const {
  const auto& json = value_->json;
  const auto found = json.is_object() ? json.find(std::string(name)) : json.end();
  if (found == json.end()) return std::nullopt;
  return Json(std::make_unique<Value>(Value{*found}));
}

std::string Json::text() const {
  const auto& json = value_->json;
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_array()) return line();
  std::string all;
  for (const auto& element : json) {
    if (!all.empty()) all += ", ";
    all += Json(std::make_unique<Value>(Value{element})).text();
  }
  return all;
}

std::string Json::document() const { return value_->text(2) + "\n"; }
std::string Json::line() const { return value_->text(-1); }

}  // namespace oskbc::tools
