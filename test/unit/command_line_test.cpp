// SPDX-License-Identifier: Apache-2.0
#include "common/command_line.h"

#include <unistd.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/status.h"
#include "common/error.h"
#include "common/io.h"
#include "support/catch.h"
#include "unit/failure.h"
#include "unit/redirect.h"
#include <oskbc/oskbc.hpp>

namespace oskbc::command_line_test {

using core::Status;

namespace {

struct Run {
  int status = -1;
  bool called = false;
  std::string errors;
  std::string output;
};

Run run(const tools::Command& tool, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "/some/where/else");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  Run result;
  const auto call = [&] {
    result.status = tools::run_tool(tool, static_cast<int>(argv.size()), argv.data());
  };
  result.output =
      test::output_of(STDOUT_FILENO, [&] { result.errors = test::output_of(STDERR_FILENO, call); });
  return result;
}

// Runs a tool called "tool" with an option --name and these arguments.
Run run(
    std::vector<std::string> arguments, const std::function<int()>& command = [] { return 0; }) {
  bool called = false;
  tools::Command tool("tool", "A tool", [&] {
    called = true;
    return command();
  });
  std::string name;
  tool.add_text("--name", name, "A name");
  Run result = run(tool, std::move(arguments));
  result.called = called;
  return result;
}

bool is_one_line(const std::string& text) { return text.find('\n') == text.size() - 1; }

}  // namespace

TEST_CASE("the command's result is the exit status, and nothing is printed") {
  for (const int status : {0, 4, 12}) {
    const Run result = run({"--name", "x"}, [status] { return status; });
    CHECK(result.status == status);
    CHECK(result.called);
    CHECK(result.errors.empty());
    CHECK(result.output.empty());
  }
}

TEST_CASE("a wrong command line exits with 64 and one line that starts with the program's name") {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--unknown"}, {"--name"}, {"surplus"}, {"--name", "a", "--name", "b"}}) {
    const Run result = run(arguments);
    CHECK(result.status == 64);
    CHECK_FALSE(result.called);
    CHECK(result.output.empty());
    CHECK_THAT(result.errors, Catch::StartsWith("tool: "));
    CHECK_THAT(result.errors, Catch::EndsWith("; see tool --help\n"));
    CHECK(is_one_line(result.errors));
  }
}

TEST_CASE("help goes to standard output, and is a success") {
  const Run result = run({"--help"});
  CHECK(result.status == 0);
  CHECK_FALSE(result.called);
  CHECK(result.errors.empty());
  CHECK_THAT(result.output, Catch::ContainsSubstring("--name"));
}

TEST_CASE("a failure below exits with its number and its text") {
  const Run result = run({}, []() -> int { core::fail(Status::keyset, "entry %d is bad", 3); });
  CHECK(result.status == OSKBC_E_KEYSET);
  CHECK(result.errors == "tool: entry 3 is bad\n");
  CHECK(result.output.empty());
}

TEST_CASE("a failure of the library exits with its number and its text") {
  const Run result = run({}, []() -> int {
    static_cast<void>(Client("MARKER::null", Options()));
    return 0;
  });
  CHECK(result.status == OSKBC_E_PARAMS);
  CHECK_THAT(result.errors, Catch::StartsWith("tool: "));
  CHECK(is_one_line(result.errors));
  CHECK_FALSE(test::holds_marker(result.errors));
}

TEST_CASE("what is refused exits as what does not decrypt, with its text") {
  const Run result = run({}, []() -> int { tools::refuse("keyset %s does not allow it", "K"); });
  CHECK(result.status == 12);
  CHECK(result.status == static_cast<int>(Status::decrypt));
  CHECK(result.errors == "tool: keyset K does not allow it\n");
}

TEST_CASE("a message of several lines becomes one") {
  const Run result = run({}, []() -> int { core::fail(Status::io, "a\nb\nc"); });
  CHECK(result.errors == "tool: a b c\n");
}

TEST_CASE("too little memory and what nobody expects have their numbers, without the text") {
  const Run memory = run({}, []() -> int { throw std::bad_alloc(); });
  CHECK(memory.status == OSKBC_E_NO_MEMORY);
  CHECK(is_one_line(memory.errors));
  const Run unexpected = run({}, []() -> int { throw std::runtime_error("MARKER"); });
  CHECK(unexpected.status == OSKBC_E_INTERNAL);
  CHECK(is_one_line(unexpected.errors));
  CHECK_FALSE(test::holds_marker(unexpected.errors));
}

namespace {

// A command line of all kinds of options, and what it was read into.
struct Everything {
  bool flag = false;
  std::string text = "before";
  std::optional<std::string> file;
  std::vector<std::string> list;
  std::uint8_t small = 7;
  std::optional<std::uint64_t> large;
  std::string ran;
  std::vector<std::string> rest;
  tools::Command tool{"tool", "A tool"};

  Everything() {
    tool.version("tool 1.2");
    tool.footer("The last line.");
    tool.take_options_anywhere();
    tool.add_flag("--flag", flag, "A flag");
    const tools::Option& file_option = tool.add_file("-f,--file", file, "A file");
    tool.add_text("--text", text, "A text").choices({"one", "two"}).show_default();
    tool.add_text("--list", list, "A list").needs(file_option);
    tool.add_number("--small", small, "A number").excludes(file_option).show_default();
    tool.add_number("--large", large, "A number");
    tool.add_text("--parsed", tools::Target(parse), "A text that is looked at");
    add_commands();
  }

  Run operator()(std::vector<std::string> arguments) { return run(tool, std::move(arguments)); }

 private:
  static void parse(const std::string& word) {
    if (word != "right") throw tools::UsageError("--parsed", "only 'right' is right");
  }

  void add_commands() {
    tools::Command& outer = tool.add_command("outer", "A command with a command");
    tools::Command& inner = outer.add_command("inner", "A command", [this] {
      ran = "inner";
      return 3;
    });
    inner.add_text("WORD", words, "A word").required();
    tool.add_command("other", "A command that passes on",
                     [this] {
                       ran = "other";
                       return 0;
                     })
        .pass_on(rest);
  }

 public:
  std::vector<std::string> words;
};

void refuses(const std::vector<std::string>& arguments, const std::string& message) {
  Everything all;
  const Run result = all(arguments);
  INFO(message);
  CHECK(result.status == 64);
  CHECK(all.ran.empty());
  CHECK_THAT(result.errors, Catch::StartsWith("tool: " + message));
}

}  // namespace

TEST_CASE("a nested command is run, and what stands around it is read") {
  Everything all;
  const Run result = all({"--flag", "outer", "inner", "a", "--file", "F", "b", "--list", "x",
                          "--list", "y", "--text", "two", "--large=0xffffffffffffffff"});
  CHECK(result.status == 3);
  CHECK(result.errors.empty());
  CHECK(all.ran == "inner");
  CHECK(all.flag);
  CHECK(all.file == "F");
  CHECK(all.words == std::vector<std::string>{"a", "b"});
  CHECK(all.list == std::vector<std::string>{"x", "y"});
  CHECK(all.text == "two");
  CHECK(all.large == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("what is not given stays as it was") {
  Everything all;
  CHECK(all({"outer", "inner", "a"}).status == 3);
  CHECK_FALSE(all.flag);
  CHECK_FALSE(all.file);
  CHECK_FALSE(all.large);
  CHECK(all.list.empty());
  CHECK(all.text == "before");
  CHECK(all.small == 7);
}

TEST_CASE("a command that is missing or unknown is told") {
  refuses({}, "A command is required");
  refuses({"outer"}, "A command is required");
  refuses({"frobnicate"}, "unknown command frobnicate; see");
  refuses({"outre"}, "unknown command outre; did you mean outer?; see");
  refuses({"outer", "frobnicate"}, "unknown command frobnicate; see");
  refuses({"outer", "iner", "--flag"}, "unknown command iner; did you mean inner?");
  refuses({"outer", "inner"}, "WORD is required");
  refuses({"a\x1b[2J"}, "unknown command a\\x1b[2J; see");
}

TEST_CASE("what is unknown is told before what is missing, and with the nearest") {
  refuses({"--fiel", "F", "outer", "inner"}, "unknown option --fiel; did you mean --file?");
  refuses({"--smal=1", "outer", "inner"}, "unknown option --smal=1; did you mean --small?");
  refuses({"outer", "inner", "--unknown"}, "unknown option --unknown; see");
  CHECK_THAT(run({"surplus"}).errors, Catch::StartsWith("tool: unexpected argument surplus; see"));
}

TEST_CASE("all that is missing is told at once") {
  std::string a;
  std::string b;
  std::string c;
  tools::Command tool("tool", "A tool", [] { return 0; });
  tool.add_text("-a,--first", a, "A text").required();
  tool.add_text("--second", b, "A text").required();
  tool.add_text("WORD", c, "A word").required();
  tool.also_needs([&] { return std::vector<std::string>{"--third or --fourth"}; });
  CHECK_THAT(run(tool, {}).errors,
             Catch::StartsWith("tool: --first, --second, WORD, --third or --fourth are required"));
  CHECK_THAT(run(tool, {"--second", "x", "w"}).errors,
             Catch::StartsWith("tool: --first, --third or --fourth are required"));
  tool.also_needs([] { return std::vector<std::string>(); });
  CHECK(run(tool, {"--second", "x", "w", "-a", "y"}).status == 0);
  CHECK_THAT(run(tool, {"--help"}).output, Catch::ContainsSubstring("--second TEXT REQUIRED"));
}

TEST_CASE("a hidden command works, and help leaves it out") {
  tools::Command tool("tool", "A tool");
  tool.add_command("seen", "A command", [] { return 1; });
  tool.add_command("unseen", "Another", [] { return 2; }).hide();
  CHECK(run(tool, {"unseen"}).status == 2);
  CHECK_THAT(run(tool, {"--help"}).output, !Catch::ContainsSubstring("unseen"));
  CHECK_THAT(run(tool, {"unsen"}).errors, !Catch::ContainsSubstring("unseen"));
}

TEST_CASE("an empty value is a value") {
  Everything all;
  CHECK(all({"--file=", "outer", "inner", "a"}).status == 3);
  CHECK(all.file == "");
  CHECK(all.words == std::vector<std::string>{"a"});
  // Below a "--" all words are what they look like.
  std::vector<std::string> words;
  tools::Command tool("tool", "A tool", [] { return 0; });
  tool.add_text("WORD", words, "A word");
  CHECK(run(tool, {"--", "--file="}).status == 0);
  CHECK(words == std::vector<std::string>{"--file="});
  CHECK(all({"other", "--file="}).status == 0);
  CHECK(all.rest == std::vector<std::string>{"--file="});
}

TEST_CASE("with --json a failure is an object on standard output, too") {
  bool json = false;
  std::string first_word;
  tools::Command tool("tool", "A tool", [&]() -> int {
    if (!first_word.empty()) tools::write_output(first_word);
    core::fail(Status::keyset, "entry \"%d\" is bad", 3);
  });
  tool.add_flag("--json", json, "Write JSON");
  tool.add_text("WORD", first_word, "A word");
  const Run failed = run(tool, {"--json"});
  CHECK(failed.status == OSKBC_E_KEYSET);
  CHECK(failed.errors == "tool: entry \"3\" is bad\n");
  const auto error = nlohmann::json::parse(failed.output)["error"];
  CHECK(error["status"] == OSKBC_E_KEYSET);
  CHECK(error["message"] == "entry \"3\" is bad");
  CHECK(nlohmann::json::parse(run(tool, {"--json", "--other"}).output)["error"]["status"] == 64);
  CHECK(run(tool, {}).output.empty());
  CHECK(run(tool, {"--json", "result"}).output == "result");
}

TEST_CASE("options that exclude or need another say which") {
  refuses({"--list", "x", "outer", "inner", "a"}, "--list requires --file");
  refuses({"--small", "1", "-f", "F", "outer", "inner", "a"}, "--file excludes --small");
  refuses({"--text", "three", "outer", "inner", "a"}, "--text: three not in {one,two}");
  refuses({"--parsed", "wrong", "outer", "inner", "a"}, "--parsed: only 'right' is right");
}

TEST_CASE("a number is decimal or has 0x, and fits its variable") {
  for (const auto& [text, value] : std::vector<std::pair<std::string, int>>{
           {"0", 0}, {"255", 255}, {"0xfF", 255}, {"0X10", 16}, {"010", 10}}) {
    Everything all;
    INFO(text);
    CHECK(all({"--small", text, "outer", "inner", "a"}).status == 3);
    CHECK(all.small == value);
  }
  for (const char* text : {"256", "0x100", "99999999999999999999999"}) {
    refuses({"--small", text}, "--small: the number does not fit, at most 255");
  }
  for (const char* text : {"", "1k", "0x", "+1", " 1", "1 ", "-1", "1.0", "x"}) {
    refuses({std::string("--small=") + text}, "--small: a number is needed");
  }
}

TEST_CASE("help names options, defaults and choices, of the tool and of its commands") {
  Everything all;
  const Run tool = all({"--help"});
  CHECK(tool.status == 0);
  for (const char* part : {"A tool", "-f,--file F", "--text TEXT:{one,two}", "--small N", "--flag",
                           "outer", "The last line.", "--version"}) {
    CHECK_THAT(tool.output, Catch::ContainsSubstring(part));
  }
  // CLI11 writes a default as "=7", and since 2.4 as "[7]".
  CHECK_THAT(tool.output,
             Catch::ContainsSubstring("=before") || Catch::ContainsSubstring("[before]"));
  CHECK_THAT(tool.output, Catch::ContainsSubstring("N=7") || Catch::ContainsSubstring("[7]"));
  const Run inner = all({"outer", "inner", "--help"});
  CHECK(inner.status == 0);
  CHECK_THAT(inner.output, Catch::ContainsSubstring("WORD ... REQUIRED"));
  CHECK(all.ran.empty());
}

TEST_CASE("every command has the tool's version") {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--version"}, {"outer", "--version"}, {"outer", "inner", "--version"}}) {
    Everything all;
    const Run result = all(arguments);
    CHECK(result.status == 0);
    CHECK(result.output == "tool 1.2\n");
  }
}

TEST_CASE("a command that passes on gets every word as it stands") {
  Everything all;
  CHECK(all({"other", "--help", "a", "--version", "--flag", "-f"}).status == 0);
  CHECK(all.ran == "other");
  CHECK(all.rest == std::vector<std::string>{"--help", "a", "--version", "--flag", "-f"});
  CHECK_FALSE(all.flag);
}

TEST_CASE("a command's own refusal is a wrong command line too") {
  const Run result = run({}, []() -> int { throw tools::MissingOption("--digest"); });
  CHECK(result.status == 64);
  CHECK(result.errors == "tool: --digest is required; see tool --help\n");
}

}  // namespace oskbc::command_line_test
