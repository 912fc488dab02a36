// SPDX-License-Identifier: Apache-2.0
//
// The description of a command line; how it is read is in command_line.cpp.
#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "common/command_line.h"

namespace oskbc::tools {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

MissingOption::MissingOption(const std::vector<std::string>& options)
    : UsageError(joined(options) + (options.size() == 1 ? " is required" : " are required")) {}

Target::Target(std::string& value)
    : take([&value](const std::string& text) { value = text; }), initial(value) {}

Target::Target(std::optional<std::string>& value)
    : take([&value](const std::string& text) { value = text; }) {}

Target::Target(std::vector<std::string>& values)
    : take([&values](const std::string& text) { values.push_back(text); }), is_list(true) {}

std::vector<std::string> Option::names() const {
  std::vector<std::string> names;
  std::string_view rest = description_.names;
  while (!rest.empty()) {
    names.emplace_back(rest.substr(0, rest.find(',')));
    rest.remove_prefix(std::min(rest.size(), names.back().size() + 1));
  }
  return names;
}

Option& Option::required() {
  description_.required = true;
  return *this;
}

Option& Option::needs(const Option& other) {
  description_.needs.push_back(&other);
  return *this;
}

Option& Option::excludes(const Option& other) {
  description_.excludes.push_back(&other);
  return *this;
}

Option& Option::choices(std::vector<std::string> words) {
  description_.choices = std::move(words);
  return *this;
}

Option& Option::value_name(std::string name) {
  description_.value_name = std::move(name);
  return *this;
}

Option& Option::show_default() {
  description_.default_text = description_.target.initial;
  return *this;
}

std::uint64_t parse_number(const std::string& text, std::uint64_t maximum,
                           const std::string& option) {
  const std::string_view all = text;
  const bool hex = all.starts_with("0x") || all.starts_with("0X");
  const std::string_view digits = all.substr(hex ? 2 : 0);
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
  if (error == std::errc::invalid_argument || last != end) {
    throw UsageError(option, "a number is needed, decimal or with 0x");
  }
  if (error != std::errc() || value > maximum) {
    throw UsageError(option, "the number does not fit, at most " + std::to_string(maximum));
  }
  return value;
}

Command& Command::add_command(std::string name, std::string about, Action action) {
  return commands_.emplace_back(std::move(name), std::move(about), std::move(action));
}

Option& Command::add(Option::Kind kind, std::string names, Target target, std::string about,
                     std::string value_name) {
  if (!names.starts_with('-')) value_name.clear();  // a positional argument's name says enough
  return options_.emplace_back(Option::Description{.kind = kind,
                                                   .names = std::move(names),
                                                   .about = std::move(about),
                                                   .target = std::move(target),
                                                   .value_name = std::move(value_name)});
}

Option& Command::add_flag(std::string names, bool& value, std::string about) {
  return add(Option::Kind::flag, std::move(names), value, std::move(about), "");
}

Option& Command::add_text(std::string names, Target target, std::string about) {
  return add(Option::Kind::text, std::move(names), std::move(target), std::move(about), "TEXT");
}

Option& Command::add_file(std::string names, Target target, std::string about) {
  return add(Option::Kind::file, std::move(names), std::move(target), std::move(about), "F");
}

Option& Command::add_folder(std::string names, Target target, std::string about) {
  return add(Option::Kind::folder, std::move(names), std::move(target), std::move(about), "DIR");
}

}  // namespace oskbc::tools
