// SPDX-License-Identifier: Apache-2.0
#include "common/completion.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "common/io.h"

namespace oskbc::tools {
namespace {

using Kind = Option::Kind;

bool is_positional(const Option& option) { return !option.description().names.starts_with('-'); }

const char* directive(Kind kind) {
  if (kind == Kind::file) return ":files\n";
  return kind == Kind::folder ? ":folders\n" : "";
}

// Follows the words of a command line to the one under the cursor.
class Completer {
 public:
  explicit Completer(const Command& tool) : path_{&tool} {}

  void skip(const std::string& word) {
    // bash makes a word of the "=" between an option and its value.
    if (word == "=") return;
    if (pending_ != nullptr) {
      pending_ = nullptr;
    } else if (word.starts_with('-')) {
      pending_ = word.find('=') == std::string::npos ? option_with_value(word) : nullptr;
    } else if (const Command* below = command_below(word)) {
      path_.push_back(below);
    } else {
      ++arguments_;
    }
  }

  [[nodiscard]] std::string complete(const std::string& word) {
    if (pending_ != nullptr) return values(*pending_, word == "=" ? "" : word, "");
    const std::size_t equals = word.find('=');
    if (word.starts_with('-') && equals != std::string::npos) {
      const Option* option = option_with_value(word.substr(0, equals));
      const std::string prefix = word.substr(0, equals + 1);
      return option == nullptr ? "" : values(*option, word.substr(equals + 1), prefix);
    }
    return word.starts_with('-') ? options(word) : arguments(word);
  }

  [[nodiscard]] const Command& command() const { return *path_.back(); }

 private:
  [[nodiscard]] const Command* command_below(std::string_view name) const {
    for (const Command& below : command().commands()) {
      if (below.name() == name) return &below;
    }
    return nullptr;
  }

  // The options of the command, and of those above that let theirs stand anywhere.
  [[nodiscard]] std::vector<const Option*> known() const {
    std::vector<const Option*> all;
    for (const Command* one : path_) {
      if (one != &command() && !one->takes_options_anywhere()) continue;
      for (const Option& option : one->options()) {
        if (!is_positional(option)) all.push_back(&option);
      }
    }
    return all;
  }

  [[nodiscard]] const Option* option_with_value(const std::string& name) const {
    for (const Option* option : known()) {
      const std::vector<std::string> names = option->names();
      if (option->description().kind != Kind::flag && std::ranges::count(names, name) != 0) {
        return option;
      }
    }
    return nullptr;
  }

  static void add(std::string& lines, const std::string& typed, const std::string& candidate,
                  const std::string& about) {
    if (candidate.starts_with(typed)) lines += candidate + "\t" + about + "\n";
  }

  static std::string values(const Option& option, const std::string& typed,
                            const std::string& prefix) {
    std::string lines;
    for (const std::string& choice : option.description().choices) {
      add(lines, prefix + typed, prefix + choice, "");
    }
    return lines + directive(option.description().kind);
  }

  [[nodiscard]] std::string options(const std::string& typed) const {
    std::string lines;
    for (const Option* option : known()) {
      for (const std::string& name : option->names()) {
        add(lines, typed, name, option->description().about);
      }
    }
    add(lines, typed, "--help", "Print this help message and exit");
    add(lines, typed, "--version", "Display program version information and exit");
    return lines;
  }

  [[nodiscard]] std::string arguments(const std::string& typed) const {
    std::string lines;
    for (const Command& below : command().commands()) {
      if (!below.is_hidden()) add(lines, typed, below.name(), below.about());
    }
    std::size_t position = 0;
    for (const Option& option : command().options()) {
      if (!is_positional(option)) continue;
      if (position++ == arguments_ || option.description().target.is_list) {
        return lines + values(option, typed, "");
      }
    }
    return lines;
  }

  std::vector<const Command*> path_;
  const Option* pending_ = nullptr;  // whose value is next
  std::size_t arguments_ = 0;
};

}  // namespace

std::string completions(const Command& tool, const std::vector<std::string>& words) {
  Completer completer(tool);
  if (words.empty()) return completer.complete("");
  for (std::size_t i = 0; i + 1 < words.size(); ++i) completer.skip(words[i]);
  return completer.complete(words.back());
}

int print_completions(const Command& tool, const std::vector<std::string>& words) try {
  for (const Command& command : tool.commands()) {
    if (command.passed_on() == nullptr || words.size() < 2 || command.name() != words[0]) continue;
    *command.passed_on() = {"--complete"};
    command.passed_on()->insert(command.passed_on()->end(), words.begin() + 1, words.end());
    return command.action()();
  }
  write_output(completions(tool, words));
  return 0;
} catch (const core::Error& error) {
  // A shell has nobody to show it to.
  return static_cast<int>(error.status());
}

}  // namespace oskbc::tools
