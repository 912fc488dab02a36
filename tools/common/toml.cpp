// SPDX-License-Identifier: Apache-2.0
#include "common/toml.h"

#include <utility>

// Nothing here writes TOML, and an initrd should carry no code for it.
#define TOML_ENABLE_FORMATTERS 0
#define TOML_HEADER_ONLY 1
// Its parser asserts what some input breaks ("[[["), and comes to a good error without: neither
// should a test's build abort there, nor a release be told that it can't happen.
#undef NDEBUG
#define TOML_ASSERT(condition) static_cast<void>(0)
#include <toml++/toml.h>

#include "base/error.h"
#include "base/status.h"

namespace oskbc::tools {

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

TomlText::TomlText(TomlText&& other) noexcept = default;
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

}  // namespace oskbc::tools
