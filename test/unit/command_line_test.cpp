// SPDX-License-Identifier: Apache-2.0
#include "common/command_line.h"

#include <unistd.h>

#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "support/catch.h"
#include "unit/failure.h"
#include "unit/redirect.h"
#include <oskbc/oskbc.hpp>

using namespace oskbc;
using core::Status;

namespace {

struct Run {
  int status = -1;
  bool called = false;
  std::string errors;
  std::string output;
};

// Runs a tool called "tool" with an option --name and these arguments.
Run run(
    std::vector<std::string> arguments, const std::function<int()>& command = [] { return 0; }) {
  arguments.insert(arguments.begin(), "/some/where/else");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  CLI::App app("A tool", "tool");
  std::string name;
  app.add_option("--name", name);
  Run result;
  const auto call = [&] {
    result.status = tools::run_tool(app, static_cast<int>(argv.size()), argv.data(), [&] {
      result.called = true;
      return command();
    });
  };
  result.output =
      test::output_of(STDOUT_FILENO, [&] { result.errors = test::output_of(STDERR_FILENO, call); });
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
