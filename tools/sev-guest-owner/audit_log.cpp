// SPDX-License-Identifier: Apache-2.0
#include "sev-guest-owner/audit_log.h"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <ctime>
#include <optional>

#include "base/bytes.h"
#include "common/command_line.h"
#include "common/io.h"

namespace oskbc::tools {
namespace {

// Each record begins with this, and it stands nowhere else in one: a quote in a client's text is
// escaped.
constexpr std::string_view kStart = "{\"time\":\"";
// A record has less than 20 KiB, with all keys that fit into a guest's secret area.
constexpr std::size_t kLongestLine = std::size_t{1} << 20;
constexpr std::string_view kTimeForm = "0000-00-00T00:00:00.000Z";

// What stands before a record on its line: nothing, or what a journal puts there.
bool is_prefix(std::string_view text) { return text.find('{') == std::string_view::npos; }

bool any_of(const std::vector<std::string>& wanted,
            const std::function<bool(const std::string&)>& is) {
  return wanted.empty() || std::ranges::any_of(wanted, is);
}

// gRPC's peers are "ipv4:10.0.0.7:40312", with a port that nobody asks for.
bool is_client(const std::string& pattern, const std::string& name, std::string address) {
  if (fnmatch(pattern.c_str(), name.c_str(), 0) == 0 && !name.empty()) return true;
  if (fnmatch(pattern.c_str(), address.c_str(), 0) == 0) return true;
  address.erase(std::min(address.rfind(':'), address.size()));
  address.erase(0, address.find(':') + 1);
  return !address.empty() && fnmatch(pattern.c_str(), address.c_str(), 0) == 0;
}

std::string as_log_time(std::chrono::system_clock::time_point point) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(point);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  return text;
}

std::optional<std::chrono::seconds> span(const std::string& text) {
  if (text.size() < 2 || !std::all_of(text.begin(), text.end() - 1,
                                      [](unsigned char c) { return std::isdigit(c) != 0; })) {
    return std::nullopt;
  }
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = std::int64_t{60} * 60;
      break;
    case 'd':
      unit = std::int64_t{24} * 60 * 60;
      break;
    default:
      return std::nullopt;
  }
  constexpr std::uint64_t kMost = 1000000;
  const auto count = parse_number(text.substr(0, text.size() - 1), kMost, "a time");
  return std::chrono::seconds(static_cast<std::int64_t>(count) * unit);
}

// The beginning of a time: a digit wherever the form has one.
bool is_beginning(const std::string& text) {
  constexpr std::size_t kDay = 10;
  return text.size() >= kDay && text.size() <= kTimeForm.size() &&
         std::equal(text.begin(), text.end(), kTimeForm.begin(), [](char c, char form) {
           return form == '0' ? std::isdigit(static_cast<unsigned char>(c)) != 0 : c == form;
         });
}

}  // namespace

std::string LogRecord::text(std::string_view member) const {
  const std::optional<Json> value = json.find(member);
  return value ? value->text() : std::string();
}

bool LogFilter::admits(const LogRecord& record) const {
  const std::string time = record.text("time");
  if (time < since || (!until.empty() && time >= until)) return false;
  const auto has = [&](const char* member) {
    return [&record, member](const std::string& wanted) { return record.text(member) == wanted; };
  };
  return any_of(decisions, has("decision")) && any_of(keysets, has("keyset")) &&
         any_of(platforms,
                [&](const std::string& digits) {
                  return record.text("platform").starts_with(digits);
                }) &&
         any_of(clients, [&](const std::string& pattern) {
           return is_client(pattern, record.text("client_name"), record.text("client"));
         });
}

void LogReader::read(const std::string& file) {
  number_ = 0;
  read_blocks(file, [this](core::ByteView block) { add(core::as_text(block)); });
  if (!line_.empty() || too_long_) end_line();
}

void LogReader::add(std::string_view text) {
  for (;;) {
    const std::size_t end = text.find('\n');
    const std::string_view part = text.substr(0, end);
    too_long_ = too_long_ || line_.size() + part.size() > kLongestLine;
    if (too_long_) line_.clear();
    if (!too_long_) line_ += part;
    if (end == std::string_view::npos) return;
    end_line();
    text.remove_prefix(end + 1);
  }
}

void LogReader::end_line() {
  ++number_;
  const std::string line = std::exchange(line_, {});
  if (std::exchange(too_long_, false)) return tell_torn_(number_);
  const std::size_t start = line.rfind(kStart);
  if (start == std::string::npos) {
    if (line.starts_with('{')) tell_torn_(number_);
    return;
  }
  if (!is_prefix(std::string_view(line).substr(0, start))) tell_torn_(number_);
  std::string record = line.substr(start);
  std::optional<Json> json = Json::parse(record);
  if (!json) return tell_torn_(number_);
  take_({std::move(record), std::move(*json)});
}

std::string parse_log_time(const std::string& text, const std::string& option) {
  if (const auto ago = span(text)) return as_log_time(std::chrono::system_clock::now() - *ago);
  if (is_beginning(text)) return text;
  throw UsageError(option,
                   "a time such as 2026-11-26, 2026-11-26T03:10 (UTC), 30m, 12h or 7d is needed");
}

}  // namespace oskbc::tools
