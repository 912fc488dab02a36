// SPDX-License-Identifier: Apache-2.0
#include "host/kata_config.h"

#include <initializer_list>
#include <sstream>
#include <utility>

#include <toml++/toml.h>

#include "base/error.h"
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

namespace {

constexpr std::string_view kSection = "hypervisor.qemu";

using Names = std::initializer_list<std::string_view>;

class Section {
 public:
  explicit Section(const TomlText& document) : document_(document) {}

  // The first of these names that is set.
  [[nodiscard]] std::string text(Names names) const {
    for (const std::string_view name : names) {
      if (auto value = document_.string(path(name))) return *value;
    }
    return {};
  }

  [[nodiscard]] std::optional<bool> flag(Names names) const {
    for (const std::string_view name : names) {
      if (auto value = document_.boolean(path(name))) return value;
    }
    return std::nullopt;
  }

 private:
  static std::string path(std::string_view name) {
    return std::string(kSection) + "." + std::string(name);
  }

  const TomlText& document_;
};

}  // namespace

KataConfig parse_kata_config(std::string_view text, const std::string& name) {
  const TomlText document(text, name);
  if (!document.has_table(kSection)) {
    fail(
        Status::argument,
        "%s has no section [hypervisor.qemu]; SEV guests are QEMU's, so take Kata's configuration for that",
        name.c_str());
  }
  const Section section(document);
  return {.confidential_guest = section.flag({"confidential_guest"}),
          .guest_attestation = section.flag({"guest_attestation", "guest_pre_attestation"}),
          .guest_attestation_proxy =
              section.text({"guest_attestation_proxy", "guest_pre_attestation_proxy",
                            "guest_pre_attestation_kbs_uri"}),
          .guest_attestation_keyset =
              section.text({"guest_attestation_keyset", "guest_pre_attestation_keyset"}),
          .shared_fs = section.text({"shared_fs"}),
          .firmware = section.text({"firmware"}),
          .firmware_volume = section.text({"firmware_volume"}),
          .kernel = section.text({"kernel"}),
          .kernel_params = section.text({"kernel_params"}),
          .initrd = section.text({"initrd"}),
          .image = section.text({"image"})};
}

std::optional<std::string> kernel_parameter(std::string_view command_line, std::string_view name) {
  std::istringstream words{std::string(command_line)};
  std::optional<std::string> value;
  for (std::string word; words >> word;) {
    if (word.starts_with(name)) value = word.substr(name.size());
  }
  return value;
}

}  // namespace oskbc::host
