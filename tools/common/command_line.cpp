// SPDX-License-Identifier: Apache-2.0
#include "common/command_line.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <map>
#include <new>
#include <string_view>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/status.h"
#include "common/error.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::tools {
namespace {

// A tool's description, as CLI11 has it.
class Parser {
 public:
  explicit Parser(const Command& tool) : tool_(tool), app_(tool.about(), tool.name()) {
    add(tool, app_, tool.version());
  }

  // Fills the options' variables, and returns the command that was named. Throws CLI::Error and
  // UsageError.
  const Command& parse(int argc, char** argv) {
    app_.parse(argc, argv);
    return named(tool_, app_);
  }

  // Prints help or version.
  int print(const CLI::Success& wish) const { return app_.exit(wish); }

 private:
  void add(const Command& command, CLI::App& app, const std::string& version) {
    if (command.passed_on() != nullptr) return pass_on(app);
    if (!version.empty()) app.set_version_flag("--version", version);
    if (!command.footer().empty()) app.footer(command.footer());
    if (command.takes_options_anywhere()) app.fallthrough();
    // None is reported by named(), so that an unknown one is reported as such.
    app.require_subcommand(0, 1);
    for (const Option& option : command.options()) add(option.description(), option, app);
    for (const Option& option : command.options()) relate(option);
    for (const Command& below : command.commands()) {
      add(below, *app.add_subcommand(below.name(), below.about()), version);
    }
  }

  // Knows no option at all, and none of the commands above.
  static void pass_on(CLI::App& app) {
    app.set_help_flag();
    app.fallthrough(false);
    app.prefix_command();
  }

  void add(const Option::Description& description, const Option& option, CLI::App& app) {
    if (description.kind == Option::Kind::flag) {
      added_[&option] =
          app.add_flag(description.names, *description.target.flag, description.about);
      return;
    }
    const CLI::callback_t take = [&target = description.target](const CLI::results_t& words) {
      std::ranges::for_each(words, target.take);
      return true;
    };
    CLI::Option* added = app.add_option(description.names, take, description.about);
    added->type_name(description.value_name)->default_str(description.default_text);
    added->required(description.required);
    if (!description.choices.empty()) added->check(CLI::IsMember(description.choices));
    if (description.target.is_list) added->expected(1, -1)->allow_extra_args();
    added_[&option] = added;
  }

  void relate(const Option& option) {
    for (const Option* other : option.description().needs) added_[&option]->needs(added_[other]);
    for (const Option* other : option.description().excludes) {
      added_[&option]->excludes(added_[other]);
    }
  }

  static const Command& named(const Command& command, const CLI::App& app) {
    if (command.passed_on() != nullptr) *command.passed_on() = app.remaining();
    for (const Command& below : command.commands()) {
      const CLI::App& app_below = *app.get_subcommand(below.name());
      if (app_below.parsed()) return named(below, app_below);
    }
    if (!command.action()) throw MissingOption("A command");
    return command;
  }

  const Command& tool_;
  CLI::App app_;
  std::map<const Option*, CLI::Option*> added_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

int report(const Command& tool, int status, std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::fprintf(stderr, "%s: %s\n", tool.name().c_str(), text.c_str());
  return status;
}

int report_usage(const Command& tool, const std::exception& error) {
  return report(tool, kExitUsage, std::string(error.what()) + "; see " + tool.name() + " --help");
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

int run_tool(const Command& tool, int argc, char** argv) {
  Parser parser(tool);
  try {
    return parser.parse(argc, argv).action()();
  } catch (const CLI::Success& wish) {  // --help and --version
    return parser.print(wish);
  } catch (const CLI::ParseError& error) {
    return report_usage(tool, error);
  } catch (const UsageError& error) {
    return report_usage(tool, error);
  } catch (const Exception& error) {
    return report(tool, error.status(), error.what());
  } catch (const Refused& refused) {
    return report(tool, kExitRefused, refused.what());
  } catch (const core::Error& error) {
    return report(tool, static_cast<int>(error.status()), error.what());
  } catch (const std::bad_alloc&) {
    return report(tool, OSKBC_E_NO_MEMORY, oskbc_strerror(OSKBC_E_NO_MEMORY));
  } catch (const std::exception&) {
    // Its text might hold input.
    return report(tool, OSKBC_E_INTERNAL, "an unexpected error; please report it");
  }
}

}  // namespace oskbc::tools
