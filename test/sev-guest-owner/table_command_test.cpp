// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::table_command_test {

using core::Status;
using test::CommandRun;
using test::TempFolder;

namespace {

CommandRun table(std::vector<std::string> words) {
  words.insert(words.begin(), "table");
  return test::run_command(tools::add_table_command, words);
}

}  // namespace

TEST_CASE("table wants a command, and the command what it is about") {
  CHECK(table({}).is_wrong("A command is required"));
  CHECK(table({"build"}).is_wrong("--keys or --entry is required"));
  CHECK(table({"show"}).is_wrong("F is required"));
  CHECK(table({"tree", "F"}).is_wrong("DIR is required"));
}

TEST_CASE("keyset, its file and the keys go together") {
  CHECK(table({"build", "--keyset", "ID", "--keys", "K"}).is_wrong("--keyset requires --keysets"));
  CHECK(table({"build", "--keysets", "F", "--keyset", "ID"}).is_wrong("--keysets requires --keys"));
}

TEST_CASE("an area is a number of at most a mebibyte") {
  CHECK(table({"show", "F", "--area", "3k"}).is_wrong("--area: a number is needed"));
  CHECK(table({"show", "F", "--area", "1048577"})
            .is_wrong("--area: the number does not fit, at most 1048576"));
}

TEST_CASE("an entry has a GUID and a file that holds something") {
  const TempFolder folder;
  const std::string empty = folder.write("empty", "");
  const std::string output = folder.path("table");
  for (const char* entry : {"disk-password", "disk-password="}) {
    CHECK(
        table({"build", "-o", output, "--entry", entry}).is_wrong("--entry: GUID=FILE is needed"));
  }
  CHECK(table({"build", "-o", output, "--entry", "disk-password=" + empty})
            .fails(Status::argument, "is empty"));
  CHECK(table({"build", "-o", output, "--entry", "disk-password=" + folder.path("none")})
            .fails(Status::io, folder.path("none")));
  CHECK(table({"build", "-o", output, "--entry", "no-guid=" + empty}).status != 0);
  CHECK_FALSE(folder.has("table"));
}

TEST_CASE("a table that is built is shown without its data, and replaced by force alone") {
  const TempFolder folder;
  const std::string output = folder.path("table");
  const std::string entry = "disk-password=" + folder.write("secret", "MARKER");
  CHECK(table({"build", "-o", output, "--entry", entry}).status == 0);
  CHECK(folder.mode("table") == 0600);
  const CommandRun shown = table({"show", output});
  CHECK(shown.status == 0);
  CHECK_THAT(shown.output, Catch::ContainsSubstring("\t6"));
  CHECK_THAT(shown.output, !Catch::ContainsSubstring("MARKER"));
  CHECK(table({"build", "-o", output, "--entry", entry}).status != 0);
  CHECK(table({"build", "-o", output, "--entry", entry, "--force"}).status == 0);
}

}  // namespace oskbc::table_command_test
