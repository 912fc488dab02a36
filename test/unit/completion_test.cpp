// SPDX-License-Identifier: Apache-2.0
#include "common/completion.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace oskbc::completion_test {

namespace {

struct Tool {
  bool flag = false;
  std::string text;
  std::string file;
  std::string folder;
  std::vector<std::string> rest;
  std::vector<std::string> words;
  tools::Command tool{"tool", "A tool"};

  Tool() {
    tool.take_options_anywhere();
    tool.add_folder("--root", folder, "A root");
    tools::Command& make = tool.add_command("make", "Make it", [] { return 0; });
    make.add_flag("-q,--quiet", flag, "Say nothing");
    make.add_text("--mode", text, "How").choices({"fast", "slow", "small"});
    make.add_file("F", file, "A file");
    make.add_folder("DIR", folder, "A folder");
    tools::Command& list = tool.add_command("list", "List", [] { return 0; });
    list.add_file("FILES", words, "Files");
    tools::Command& outer = tool.add_command("outer", "With commands");
    outer.add_command("inner", "Below", [] { return 0; });
    tool.add_command("hidden", "Unseen", [] { return 0; }).hide();
    tool.add_command("other", "Elsewhere", [] { return 5; }).pass_on(rest);
  }

  std::string operator()(const std::vector<std::string>& line) const {
    return tools::completions(tool, line);
  }
};

}  // namespace

TEST_CASE("commands are completed, but for the hidden ones") {
  const Tool tool;
  CHECK(tool({""}) == "make\tMake it\nlist\tList\nouter\tWith commands\nother\tElsewhere\n");
  CHECK(tool({}) == tool({""}));
  CHECK(tool({"ma"}) == "make\tMake it\n");
  CHECK(tool({"outer", ""}) == "inner\tBelow\n");
  CHECK(tool({"x"}).empty());
}

TEST_CASE("options are completed, with those of above where they may stand") {
  const Tool tool;
  CHECK(tool({"make", "-"}) ==
        "--root\tA root\n-q\tSay nothing\n--quiet\tSay nothing\n--mode\tHow\n"
        "--help\tPrint this help message and exit\n"
        "--version\tDisplay program version information and exit\n");
  CHECK(tool({"make", "--m"}) == "--mode\tHow\n");
  CHECK(tool({"--r"}) == "--root\tA root\n");
}

TEST_CASE("values are completed by what they are") {
  const Tool tool;
  CHECK(tool({"make", "--mode", ""}) == "fast\t\nslow\t\nsmall\t\n");
  CHECK(tool({"make", "--mode", "s"}) == "slow\t\nsmall\t\n");
  CHECK(tool({"make", "--mode=sl"}) == "--mode=slow\t\n");
  // bash gives three words, and wants the last.
  CHECK(tool({"make", "--mode", "=", "sl"}) == "slow\t\n");
  CHECK(tool({"make", "--mode", "="}) == "fast\t\nslow\t\nsmall\t\n");
  CHECK(tool({"--root", ""}) == ":folders\n");
  CHECK(tool({"--none=x"}).empty());
}

TEST_CASE("arguments are completed one after the other, a list of them without an end") {
  const Tool tool;
  CHECK(tool({"make", ""}) == ":files\n");
  CHECK(tool({"make", "--mode", "fast", "-q", "a", ""}) == ":folders\n");
  CHECK(tool({"make", "a", "b", ""}).empty());
  CHECK(tool({"list", "a", "b", ""}) == ":files\n");
}

TEST_CASE("a command that passes its words on is asked itself") {
  Tool tool;
  CHECK(tools::print_completions(tool.tool, {"other", "--x", ""}) == 5);
  CHECK(tool.rest == std::vector<std::string>{"--complete", "--x", ""});
}

}  // namespace oskbc::completion_test
