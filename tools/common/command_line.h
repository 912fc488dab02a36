// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/status.h"

// What a tool's command line takes is described with these, and run_tool() reads it. The parser,
// CLI11, is known to command_line.cpp alone: each source that includes it takes nine seconds longer
// to compile.
namespace oskbc::tools {

// What a tool exits with for a wrong command line (EX_USAGE of sysexits.h); all else are statuses.
inline constexpr int kExitUsage = 64;

// A wrong command line. Whatever reads options may throw it, commands too.
class UsageError : public std::runtime_error {
 public:
  explicit UsageError(const std::string& text) : std::runtime_error(text) {}
  UsageError(const std::string& option, const std::string& text)
      : UsageError(option + ": " + text) {}
};

// What is wrong with an option's own words is a wrong command line.
template <typename Call>
auto as_usage(const std::string& option, const Call& call) {
  try {
    return call();
  } catch (const core::Error& error) {
    if (error.status() != core::Status::argument) throw;
    throw UsageError(option, error.what());
  }
}

// An option that is not given, where only the command could tell that it is needed.
class MissingOption : public UsageError {
 public:
  explicit MissingOption(const std::string& option) : UsageError(option + " is required") {}
  // All of them at once.
  explicit MissingOption(const std::vector<std::string>& options);
};

// Where the words of an option go. What it refers to has to outlive the command line.
struct Target {
  using Take = std::function<void(const std::string&)>;

  Target(bool& value) : flag(&value) {}
  Target(std::string& value);
  Target(std::optional<std::string>& value);
  // A list: the option may be given several times.
  Target(std::vector<std::string>& values);
  // Called with each word; it throws UsageError for what it cannot take.
  explicit Target(Take parse, std::string initial_text = {})
      : take(std::move(parse)), initial(std::move(initial_text)) {}

  bool* flag = nullptr;
  Take take;
  // What the variable holds before anything is read, as a user would write it.
  std::string initial;
  bool is_list = false;
};

// Keeps the option's words if `check` can read them; it throws Status::argument if not.
template <typename Check>
[[nodiscard]] Target checked(const std::string& option, std::string& value, const Check& check) {
  const auto take = [&value, option, check](const std::string& text) {
    as_usage(option, [&] { static_cast<void>(check(text)); });
    value = text;
  };
  return Target(take, value);
}

// One option of a command, or a positional argument: then its name has no dash.
class Option {
 public:
  enum class Kind { flag, text, number, file, folder };

  struct Description {
    Kind kind;
    std::string names;  // "-o,--output"
    std::string about;
    Target target;
    std::string value_name;
    std::string default_text = {};
    std::vector<std::string> choices = {};
    std::vector<const Option*> needs = {};
    std::vector<const Option*> excludes = {};
    bool required = false;
  };

  explicit Option(Description description) : description_(std::move(description)) {}
  Option(const Option&) = delete;
  Option& operator=(const Option&) = delete;
  ~Option() = default;

  Option& required();
  // Only together with `other`, or never.
  Option& needs(const Option& other);
  Option& excludes(const Option& other);
  Option& choices(std::vector<std::string> words);
  // What the help calls the value.
  Option& value_name(std::string name);
  // Shows in the help what the variable holds now.
  Option& show_default();

  [[nodiscard]] const Description& description() const noexcept { return description_; }
  // Each of its names: "-o" and "--output".
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  Description description_;
};

// Reads a number, decimal or with 0x, whole and without a sign. Throws UsageError for anything else
// and for more than `maximum`: nothing is ever cut to its field.
[[nodiscard]] std::uint64_t parse_number(const std::string& text, std::uint64_t maximum,
                                         const std::string& option);

// What a variable for a number holds, a std::optional too.
template <typename Value>
struct NumberIn {
  using Type = Value;
};
template <typename Value>
struct NumberIn<std::optional<Value>> {
  using Type = Value;
};

// A tool, or a command of it; commands may have commands.
class Command {
 public:
  // The result is the exit status.
  using Action = std::function<int()>;

  Command(std::string name, std::string about, Action action = {})
      : name_(std::move(name)), about_(std::move(about)), action_(std::move(action)) {}
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  ~Command() = default;

  // One without an action needs a command of its own to be given.
  Command& add_command(std::string name, std::string about, Action action = {});

  Option& add_flag(std::string names, bool& value, std::string about);
  Option& add_text(std::string names, Target target, std::string about);
  Option& add_file(std::string names, Target target, std::string about);
  Option& add_folder(std::string names, Target target, std::string about);
  // A number that has to fit its variable, which may be a std::optional.
  template <typename Value, std::unsigned_integral Number = typename NumberIn<Value>::Type>
  Option& add_number(const std::string& names, Value& value, std::string about,
                     Number maximum = std::numeric_limits<Number>::max());

  // For --version, of its commands too.
  void version(std::string text) { version_ = std::move(text); }
  // Stands below the help.
  void footer(std::string text) { footer_ = std::move(text); }
  // Works, but help and completion leave it out.
  void hide() { hidden_ = true; }
  // What is missing beside the required options, as only the command can tell: it is reported
  // together with them.
  using Missing = std::function<std::vector<std::string>()>;
  void also_needs(Missing missing) { missing_ = std::move(missing); }
  // Lets this command's options also stand after a command's name.
  void take_options_anywhere() { options_anywhere_ = true; }
  // All that follows this command's name goes into `words`, --help too.
  void pass_on(std::vector<std::string>& words) { passed_on_ = &words; }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& about() const noexcept { return about_; }
  [[nodiscard]] const std::string& version() const noexcept { return version_; }
  [[nodiscard]] const std::string& footer() const noexcept { return footer_; }
  [[nodiscard]] bool is_hidden() const noexcept { return hidden_; }
  [[nodiscard]] std::vector<std::string> missing() const {
    return missing_ ? missing_() : std::vector<std::string>();
  }
  [[nodiscard]] bool takes_options_anywhere() const noexcept { return options_anywhere_; }
  [[nodiscard]] std::vector<std::string>* passed_on() const noexcept { return passed_on_; }
  [[nodiscard]] const Action& action() const noexcept { return action_; }
  [[nodiscard]] const std::list<Option>& options() const noexcept { return options_; }
  [[nodiscard]] const std::list<Command>& commands() const noexcept { return commands_; }

 private:
  Option& add(Option::Kind kind, std::string names, Target target, std::string about,
              std::string value_name);

  std::string name_;
  std::string about_;
  Action action_;
  std::string version_;
  std::string footer_;
  bool hidden_ = false;
  Missing missing_;
  bool options_anywhere_ = false;
  std::vector<std::string>* passed_on_ = nullptr;
  // Lists, because others hold references to what is in them.
  std::list<Option> options_;
  std::list<Command> commands_;
};

// Parses the command line and runs the action of the command that it names, whose result is the
// exit status. What goes wrong becomes one line on standard error that starts with the tool's name,
// and the status's number; with --json an object on standard output too, if there is nothing yet.
// "--complete WORDS..." is for a shell's completion (common/completion.h).
int run_tool(const Command& tool, int argc, char** argv);

template <typename Value, std::unsigned_integral Number>
Option& Command::add_number(const std::string& names, Value& value, std::string about,
                            Number maximum) {
  const auto read = [&value, names, maximum](const std::string& text) {
    value = static_cast<Number>(parse_number(text, maximum, names));
  };
  std::string initial;
  if constexpr (std::unsigned_integral<Value>) initial = std::to_string(value);
  return add(Option::Kind::number, names, Target(read, std::move(initial)), std::move(about), "N");
}

}  // namespace oskbc::tools
