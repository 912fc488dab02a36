// SPDX-License-Identifier: Apache-2.0
#include "common/command_line.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <new>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/status.h"
#include "common/completion.h"
#include "common/error.h"
#include "common/io.h"
#include "common/json.h"
#include "common/nearest.h"
#include "common/text.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::tools {
namespace {

std::vector<std::string> names_of(const std::list<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) {
    if (!command.is_hidden()) names.push_back(command.name());
  }
  return names;
}

void add_names(const std::list<Option>& options, std::vector<std::string>& names) {
  for (const Option& option : options) {
    for (std::string& name : option.names()) names.push_back(std::move(name));
  }
}

[[noreturn]] void fail_unknown(const Command& command, const std::vector<std::string>& options,
                               const std::string& word) {
  const std::string shown = printable(word);
  if (word.starts_with('-')) {
    const std::string name = word.substr(0, word.find('='));
    throw UsageError("unknown option " + shown + did_you_mean(name, options));
  }
  if (command.commands().empty()) throw UsageError("unexpected argument " + shown);
  throw UsageError("unknown command " + shown + did_you_mean(word, names_of(command.commands())));
}

// A tool's description, as CLI11 has it.
class Parser {
 public:
  explicit Parser(const Command& tool) : tool_(tool), app_(tool.about(), tool.name()) {
    add(tool, app_, tool.version());
  }

  // Fills the options' variables, and returns the command that was named. Throws CLI::Error and
  // UsageError.
  const Command& parse(std::vector<char*> words) {
    app_.parse(static_cast<int>(words.size()), words.data());
    const Command& command = named(tool_, app_);
    check_known();
    if (command.passed_on() != nullptr) *command.passed_on() = path_.back().second->remaining();
    check_complete();
    return command;
  }

  // Prints help or version.
  int print(const CLI::Success& wish) {
    // CLI11 itself would report the first that is missing, and before what is unknown.
    for (const auto& [option, added] : added_) added->required(option->description().required);
    return app_.exit(wish);
  }

 private:
  void add(const Command& command, CLI::App& app, const std::string& version) {
    if (command.is_hidden()) app.group("");
    if (command.passed_on() != nullptr) return pass_on(app);
    if (!version.empty()) app.set_version_flag("--version", version);
    if (!command.footer().empty()) app.footer(command.footer());
    if (command.takes_options_anywhere()) app.fallthrough();
    // None, or an unknown one, is reported by named().
    app.require_subcommand(0, 1)->allow_extras();
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
    const CLI::callback_t take = [&option,
                                  &target = description.target](const CLI::results_t& words) {
      if (!target.is_list && words.size() > 1)
        throw UsageError(option.names().back(), "given twice");
      std::ranges::for_each(words, target.take);
      return true;
    };
    CLI::Option* added = app.add_option(description.names, take, description.about);
    added->type_name(description.value_name)->default_str(description.default_text);
    if (!description.choices.empty()) added->check(CLI::IsMember(description.choices));
    // All are taken, because the parser says of two how many it wants at most.
    added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (description.target.is_list) added->expected(1, -1)->allow_extra_args();
    added_[&option] = added;
  }

  void relate(const Option& option) {
    for (const Option* other : option.description().needs) added_[&option]->needs(added_[other]);
    for (const Option* other : option.description().excludes) {
      added_[&option]->excludes(added_[other]);
    }
  }

  const Command& named(const Command& command, const CLI::App& app) {
    path_.emplace_back(&command, &app);
    for (const Command& below : command.commands()) {
      const CLI::App& app_below = *app.get_subcommand(below.name());
      if (app_below.parsed()) return named(below, app_below);
    }
    return command;
  }

  void check_known() const {
    for (const auto& [command, app] : path_) {
      if (command->passed_on() != nullptr) continue;
      // CLI11 hands what a command does not know up to one that takes options anywhere.
      const Command& meant = command->takes_options_anywhere() ? *path_.back().first : *command;
      for (const std::string& word : app->remaining()) {
        if (word != "--") fail_unknown(meant, known_options(meant), word);
      }
    }
  }

  [[nodiscard]] std::vector<std::string> known_options(const Command& command) const {
    std::vector<std::string> names = {"--help", "--version"};
    for (const auto& [above, app] : path_) {
      if (above == &command || above->takes_options_anywhere()) add_names(above->options(), names);
    }
    return names;
  }

  // Of the command that was named, and of all above it.
  void check_complete() {
    std::vector<std::string> missing;
    for (const auto& [command, app] : path_) {
      for (const Option& option : command->options()) {
        const CLI::Option& added = *added_[&option];
        if (option.description().required && added.count() == 0)
          missing.push_back(added.get_name());
      }
    }
    const Command& command = *path_.back().first;
    if (!command.action()) throw MissingOption("A command");
    for (std::string& option : command.missing()) missing.push_back(std::move(option));
    if (!missing.empty()) throw MissingOption(missing);
  }

  const Command& tool_;
  CLI::App app_;
  std::map<const Option*, CLI::Option*> added_;
  // From the tool to the command that was named.
  std::vector<std::pair<const Command*, const CLI::App*>> path_;
};

// CLI11 takes "--append=" for an option without its value, and the next word for that. A command
// that passes its words on gets them as they stand.
class Words {
 public:
  Words(const Command& tool, int argc, char** argv) {
    bool as_is = false;
    for (int i = 0; i < argc; ++i) {
      const std::string_view word = argv[i];
      as_is = as_is || word == "--" || passes_on(tool, word);
      if (as_is || i == 0 || !word.starts_with("--") || word.find('=') != word.size() - 1) {
        words_.emplace_back(word);
      } else {
        words_.emplace_back(word.substr(0, word.size() - 1));
        words_.emplace_back();
      }
    }
  }

  [[nodiscard]] std::vector<char*> pointers() {
    std::vector<char*> all;
    for (std::string& word : words_) all.push_back(word.data());
    return all;
  }
  [[nodiscard]] bool has(std::string_view word) const {
    return std::ranges::find(words_, word) != words_.end();
  }

 private:
  static bool passes_on(const Command& tool, std::string_view word) {
    return std::ranges::any_of(tool.commands(), [&](const Command& command) {
      return command.passed_on() != nullptr && command.name() == word;
    });
  }

  std::vector<std::string> words_;
};

// What goes wrong, told on standard error, and to a script that reads JSON.
class Reporter {
 public:
  Reporter(const Command& tool, bool json)
      : tool_(tool), json_(json), written_before_(output_size()) {}

  [[nodiscard]] int report(int status, std::string text, const std::string& advice = {}) const {
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::fprintf(stderr, "%s: %s%s\n", tool_.name().c_str(), text.c_str(), advice.c_str());
    if (json_ && output_size() == written_before_) write_json(status, text);
    return status;
  }
  [[nodiscard]] int report_usage(const std::exception& error) const {
    return report(kExitUsage, error.what(), "; see " + tool_.name() + " --help");
  }

 private:
  static void write_json(int status, const std::string& text) {
    const Json error = Json::object({{"status", status}, {"message", text}});
    try {
      write_output(Json::object({{"error", error}}).document());
    } catch (const core::Error&) {
      // It was said on standard error.
    }
  }

  const Command& tool_;
  bool json_;
  std::size_t written_before_;
};

}  // namespace

int run_tool(const Command& tool, int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--complete") {
    return print_completions(tool, {argv + 2, argv + argc});
  }
  Words words(tool, argc, argv);
  const Reporter reporter(tool, words.has("--json"));
  Parser parser(tool);
  try {
    return parser.parse(words.pointers()).action()();
  } catch (const CLI::Success& wish) {  // --help and --version
    return parser.print(wish);
  } catch (const CLI::ParseError& error) {
    return reporter.report_usage(error);
  } catch (const UsageError& error) {
    return reporter.report_usage(error);
  } catch (const Exception& error) {
    return reporter.report(error.status(), error.what());
  } catch (const Refused& refused) {
    return reporter.report(kExitRefused, refused.what());
  } catch (const core::Error& error) {
    return reporter.report(static_cast<int>(error.status()), error.what());
  } catch (const std::bad_alloc&) {
    return reporter.report(OSKBC_E_NO_MEMORY, oskbc_strerror(OSKBC_E_NO_MEMORY));
  } catch (const std::exception&) {
    // Its text might hold input.
    return reporter.report(OSKBC_E_INTERNAL, "an unexpected error; please report it");
  }
}

}  // namespace oskbc::tools
