// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "base/status.h"
#include "sev-guest-owner/audit_log.h"
#include "sev-guest-owner/command_run.h"
#include "sev-guest-owner/commands.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace oskbc::audit_command_test {

using test::CommandRun;

namespace {

const std::string kStart =
    R"({"time":"2026-11-25T08:00:00.000Z","event":"start","decision":"done","version":"0.2.0","keys_sha256":"00ff","keysets_sha256":"11ee","keysets":2})";
const std::string kOpened =
    R"({"time":"2026-11-25T08:00:01.000Z","event":"bundle","decision":"opened","client":"ipv4:10.0.0.7:40312","client_name":"host-7","connection":5,"policy":5,"platform":"abcd0123"})";
const std::string kReleased =
    R"({"time":"2026-11-25T09:00:00.500Z","event":"secret","decision":"released","client":"ipv4:10.0.0.7:40312","client_name":"host-7","connection":5,"keyset":"A","platform":"abcd0123","keys":2,"key_ids":["k1","k2"]})";
const std::string kRefused =
    R"({"time":"2026-11-26T09:00:00.000Z","event":"secret","decision":"refused","reason":"there is no such keyset","answer":"KEYSET INVALID","client":"ipv6:%5B::1%5D:4711","connection":6,"keyset":"B\u001b[2J{\"time\":\""})";

std::string lines(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& line : all) text += line + "\n";
  return text;
}

const std::string kAll = lines({kStart, kOpened, kReleased, kRefused});

CommandRun audit(const std::string& text, std::vector<std::string> words) {
  const test::TempFolder folder;
  words.insert(words.begin(), {"audit", folder.write("audit.log", text)});
  return test::run_command(tools::add_audit_command, words);
}

// The records that a filter lets through, as they were written.
std::string filtered(std::vector<std::string> words) {
  words.emplace_back("--json");
  const CommandRun run = audit(kAll, words);
  CHECK(run.status == 0);
  CHECK(run.errors.empty());
  return run.output;
}

}  // namespace

TEST_CASE(
    "records are shown a line each, with what they have, and without a client's control codes") {
  const CommandRun run = audit(kAll, {});
  CHECK(run.status == 0);
  CHECK(run.errors.empty());
  CHECK(run.output.find(
            "2026-11-25T08:00:00.000Z start done version=0.2.0 keys_sha256=00ff keysets=2 "
            "keysets_sha256=11ee\n") == 0);
  CHECK(run.output.find("secret released keyset=A connection=5 client_name=host-7 "
                        "client=ipv4:10.0.0.7:40312 platform=abcd0123 key_ids=k1, k2\n") !=
        std::string::npos);
  CHECK(run.output.find(": KEYSET INVALID: there is no such keyset\n") != std::string::npos);
  CHECK(run.output.find('\x1b') == std::string::npos);
}

TEST_CASE("with --json they are what was written") { CHECK(filtered({}) == kAll); }

TEST_CASE("each filter lets through what it names, and all of them have to") {
  CHECK(filtered({"--keyset", "A"}) == lines({kReleased}));
  CHECK(filtered({"--decision", "opened", "--decision", "refused"}) == lines({kOpened, kRefused}));
  CHECK(filtered({"--platform", "ABCD"}) == lines({kOpened, kReleased}));
  CHECK(filtered({"--client", "host-*"}) == lines({kOpened, kReleased}));
  CHECK(filtered({"--client", "10.0.0.7"}) == lines({kOpened, kReleased}));
  CHECK(filtered({"--client", "ipv6:*"}) == lines({kRefused}));
  CHECK(filtered({"--client", "host-7", "--decision", "released"}) == lines({kReleased}));
  CHECK(filtered({"--keyset", "none"}).empty());
}

TEST_CASE("times bound the records from both sides") {
  CHECK(filtered({"--since", "2026-11-26"}) == lines({kRefused}));
  CHECK(filtered({"--until", "2026-11-26"}) == lines({kStart, kOpened, kReleased}));
  CHECK(filtered({"--since", "2026-11-25T08:00:01", "--until", "2026-11-25T09:00:00.500Z"}) ==
        lines({kOpened}));
  CHECK(filtered({"--until", "90000d"}).empty());
  for (const char* wrong : {"yesterday", "2026-11", "2026/11/26", "5", "d", "-5m", "7w"}) {
    CHECK(audit(kAll, {"--since", wrong}).is_wrong("--since: a time such as"));
  }
}

TEST_CASE("torn lines are named, and the record behind one is found") {
  const std::string torn = kReleased.substr(0, 60);
  const CommandRun run = audit(
      kStart + "\n" + torn + kReleased + "\n" + torn + "\n" + kRefused + "\n" + torn, {"--json"});
  CHECK(run.status == 0);
  CHECK(run.output == lines({kStart, kReleased, kRefused}));
  CHECK(run.errors.find("audit.log, line 2: a record was torn\n") != std::string::npos);
  CHECK(run.errors.find("audit.log, line 3: a record was torn\n") != std::string::npos);
  CHECK(run.errors.find("audit.log, line 5: a record was torn\n") != std::string::npos);
  CHECK(audit(std::string(5 << 20, 'x') + "\n" + kStart + "\n", {"--json"}).output ==
        lines({kStart}));
}

TEST_CASE("a journal's other lines, and what it puts before a record, are passed over") {
  const std::string prefix = "Nov 26 09:00:00 host sev-guest-owner-serve[7]: ";
  const CommandRun run = audit(prefix + "sev-guest-owner: listening on 127.0.0.1:1\n" + prefix +
                                   kRefused + "\n\n-- Boot 0 --\n" + kStart + "\n",
                               {"--json"});
  CHECK(run.output == lines({kRefused, kStart}));
  CHECK(run.errors.empty());
}

TEST_CASE(
    "what cannot be asked for is a wrong command line, and a file that is not there is said") {
  CHECK(audit(kAll, {"--platform", "xyz"}).is_wrong("--platform: the first digits"));
  CHECK(audit(kAll, {"--decision", "maybe"}).status == tools::kExitUsage);
  CHECK(test::run_command(tools::add_audit_command, {"audit"}).is_wrong("FILE is required"));
  CHECK(test::run_command(tools::add_audit_command, {"audit", "/none/audit.log"})
            .fails(core::Status::io, "/none/audit.log"));
}

}  // namespace oskbc::audit_command_test
