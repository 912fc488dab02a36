// SPDX-License-Identifier: Apache-2.0
#include "host/toml_text.h"

#include <utility>

#include <toml++/toml.h>

#include "base/status.h"

namespace oskbc::host {

using core::fail;
using core::Status;

struct TomlText::Document {
  toml::table root;
};

TomlText::TomlText(std::string_view text, std::string name)
    : name_(std::move(name)), document_(std::make_unique<Document>()) {
  try {
    document_->root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    const toml::source_position where = error.source().begin;
    fail(Status::argument, "%s is not TOML: look at line %u, column %u", name_.c_str(), where.line,
         where.column);
  }
}

TomlText::~TomlText() = default;

std::optional<std::string> TomlText::string(std::string_view path) const {
  const auto node = document_->root.at_path(path);
  if (!node) return std::nullopt;
  if (!node.is_string()) wrong_type(path, "a string: put it between quotes");
  return node.value<std::string>();
}

std::optional<bool> TomlText::boolean(std::string_view path) const {
  const auto node = document_->root.at_path(path);
  if (!node) return std::nullopt;
  if (!node.is_boolean()) wrong_type(path, "true or false, without quotes");
  return node.value<bool>();
}

bool TomlText::has_table(std::string_view path) const {
  return document_->root.at_path(path).is_table();
}

void TomlText::wrong_type(std::string_view path, const char* wanted) const {
  fail(Status::argument, "%.*s in %s has to be %s", static_cast<int>(path.size()), path.data(),
       name_.c_str(), wanted);
}

}  // namespace oskbc::host
