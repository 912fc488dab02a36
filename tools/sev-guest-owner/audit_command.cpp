// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/command_line.h"
#include "common/io.h"
#include "common/text.h"
#include "sev-guest-owner/audit_log.h"
#include "sev-guest-owner/commands.h"
#include "sev-guest-owner/output.h"

namespace oskbc::tools {
namespace {

struct AuditOptions {
  std::vector<std::string> files;
  LogFilter filter;
  bool json = false;
};

// In this order, where a record has them; a digest's beginning tells it from others.
struct Member {
  const char* name;
  std::size_t shown = std::string::npos;
};
constexpr Member kMembers[] = {{"keyset"},   {"connection"},      {"client_name"},
                               {"client"},   {"policy"},          {"platform", 16},
                               {"firmware"}, {"digest", 16},      {"key_ids"},
                               {"count"},    {"version"},         {"keys_sha256", 16},
                               {"keysets"},  {"refused_keysets"}, {"keysets_sha256", 16}};
// Those that tell why, at the end of the line.
constexpr const char* kReasons[] = {"answer", "reason", "problems"};

std::string as_text(const LogRecord& record) {
  std::string line =
      record.text("time") + " " + record.text("event") + " " + record.text("decision");
  for (const Member& member : kMembers) {
    const std::string value = record.text(member.name);
    if (!value.empty())
      line.append(" ").append(member.name).append("=").append(value, 0, member.shown);
  }
  for (const char* name : kReasons) {
    const std::string why = record.text(name);
    if (!why.empty()) line += ": " + why;
  }
  return printable(line) + "\n";
}

int audit(const AuditOptions& options) {
  std::string file;
  LogReader reader(
      [&](const LogRecord& record) {
        if (!options.filter.admits(record)) return;
        write_output(std::string_view(options.json ? record.line + "\n" : as_text(record)));
      },
      [&](std::size_t line) {
        std::fprintf(stderr, "sev-guest-owner: %s, line %zu: a record was torn\n", file.c_str(),
                     line);
      });
  for (const std::string& name : options.files) {
    file = name == "-" ? "standard input" : name;
    reader.read(name);
  }
  return 0;
}

Target time_into(std::string& time, const char* option) {
  return Target([&time, option](const std::string& text) { time = parse_log_time(text, option); });
}

Target platforms_into(std::vector<std::string>& platforms) {
  Target target([&platforms](const std::string& text) {
    std::string digits = text;
    std::ranges::transform(digits, digits.begin(), [](unsigned char c) { return std::tolower(c); });
    if (digits.empty() || digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
      throw UsageError("--platform", "the first digits of a SHA-256 are needed");
    }
    platforms.push_back(std::move(digits));
  });
  target.is_list = true;
  return target;
}

void add_filter(Command& command, LogFilter& filter) {
  command.add_text("--since", time_into(filter.since, "--since"), "From this time on")
      .value_name("TIME");
  command.add_text("--until", time_into(filter.until, "--until"), "Before this time")
      .value_name("TIME");
  command.add_text("--keyset", filter.keysets, "Of this keyset").value_name("ID");
  command
      .add_text("--platform", platforms_into(filter.platforms),
                "Of the platform whose SHA-256 begins like this")
      .value_name("HEX");
  command
      .add_text("--client", filter.clients,
                "Of clients whose name or address fits this shell pattern")
      .value_name("PATTERN");
  command.add_text("--decision", filter.decisions, "What was decided")
      .choices({"opened", "released", "refused", "done", "failed", "torn"});
}

}  // namespace

void add_audit_command(Command& tool) {
  auto options = std::make_shared<AuditOptions>();
  Command& command = tool.add_command("audit", "Show what the broker decided, from its audit",
                                      [options] { return audit(*options); });
  command.add_file("FILE", options->files, "Audits in their order, or - for standard input")
      .required();
  add_filter(command, options->filter);
  add_json(command, options->json);
}

}  // namespace oskbc::tools
