// SPDX-License-Identifier: Apache-2.0
#include "broker/used_launches.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/filesystem/operations.hpp>

#include "base/error.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "common/io.h"
#include "format/json_reader.h"

namespace oskbc::broker {
namespace {

using core::JsonReader;

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::size_t kLongestLine = std::size_t{8} << 20;

// Lines stand in the order of their times but for clocks that were set; whoever sets one back by
// more than this has the audit's end read and nothing before it.
constexpr std::chrono::hours kDisorder{1};

struct AuditLine {
  std::time_t time = 0;
  bool released = false;
  std::optional<std::int32_t> connection;
};

// "2026-11-26T03:20:08.123Z"
std::time_t seconds_of(const std::string& text) {
  std::tm parts{};
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return 0;
  return ::timegm(&parts);
}

std::optional<std::int32_t> number_at(std::string_view text, std::size_t start) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data() + start, text.data() + text.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

// Throws for what is no line of an audit.
AuditLine parse_audit_line(std::string_view text) {
  JsonReader reader(text, core::Status::argument, "audit");
  AuditLine line;
  for (bool more = reader.enter_object(); more; more = reader.next_member()) {
    const std::string name = core::to_string(reader.name());
    if (name == "time") {
      line.time = seconds_of(core::to_string(reader.string()));
    } else if (name == "decision") {
      line.released = core::equals(reader.string(), "released");
    } else {
      reader.peek();
      if (name == "connection") line.connection = number_at(text, reader.position());
      reader.skip_value();
    }
  }
  return line;
}

// Lines of a file from its end to its start, because an audit may be large and what counts is new.
class LinesFromEnd {
 public:
  explicit LinesFromEnd(const std::string& file)
      : fd_(::open(tools::absolute_path(file).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    struct stat status {};
    if (fd_.get() < 0 || ::fstat(fd_.get(), &status) != 0) failed();
    if (S_ISREG(status.st_mode)) left_ = status.st_size;
  }

  // Nothing at the start.
  std::optional<std::string> next() {
    while (true) {
      const std::size_t end = text_.rfind('\n');
      if (end == std::string::npos && left_ > 0) {
        if (text_.size() > kLongestLine) failed();
        read_block();
      } else if (end == std::string::npos) {
        if (std::exchange(at_start_, true)) return std::nullopt;
        return std::exchange(text_, {});
      } else {
        std::string line = text_.substr(end + 1);
        text_.resize(end);
        return line;
      }
    }
  }

 private:
  [[noreturn]] static void failed() { core::fail(core::Status::io, "it cannot be read"); }

  void read_block() {
    std::string block(std::min(kBlock, static_cast<std::size_t>(left_)), '\0');
    left_ -= static_cast<off_t>(block.size());
    if (::pread(fd_.get(), block.data(), block.size(), left_) !=
        static_cast<ssize_t>(block.size())) {
      failed();
    }
    text_ = block + text_;
  }

  core::UniqueFd fd_;
  off_t left_ = 0;
  std::string text_;
  bool at_start_ = false;
};

// Torn lines and others' are no reason to stop.
void add_released(const std::string& file, std::time_t since, ReleasedLaunches& released) {
  LinesFromEnd lines(file);
  bool any = false;
  bool all_strange = true;
  while (const auto text = lines.next()) {
    if (text->empty()) continue;
    any = true;
    try {
      const AuditLine line = parse_audit_line(*text);
      if (line.time == 0) continue;
      all_strange = false;
      if (line.time + std::chrono::seconds(kDisorder).count() < since) break;
      if (line.released && line.connection && line.time >= since) {
        released.ids.push_back(*line.connection);
      }
    } catch (const core::Error&) {
      continue;
    }
  }
  // A file that rotation has compressed.
  if (any && all_strange) core::fail(core::Status::argument, "no line of it is one of an audit");
}

std::vector<std::string> files_of(const std::string& audit, std::time_t since) {
  const boost::filesystem::path path(tools::absolute_path(audit));
  const std::string name = path.filename().string();
  std::vector<std::string> files;
  boost::system::error_code ignored;
  for (const auto& entry : boost::filesystem::directory_iterator(path.parent_path(), ignored)) {
    if (!entry.path().filename().string().starts_with(name)) continue;
    if (!boost::filesystem::is_regular_file(entry.status())) continue;
    if (boost::filesystem::last_write_time(entry.path(), ignored) < since) continue;
    files.push_back(entry.path().string());
  }
  return files;
}

}  // namespace

bool UsedLaunches::add(std::int32_t id, Time now) {
  const std::lock_guard lock(mutex_);
  while (!in_order_.empty() && in_order_.front().time + lifetime_ < now) {
    ids_.erase(in_order_.front().id);
    in_order_.pop_front();
  }
  if (!ids_.insert(id).second) return false;
  in_order_.push_back({now, id});
  return true;
}

bool UsedLaunches::contains(std::int32_t id) const {
  const std::lock_guard lock(mutex_);
  return ids_.contains(id);
}

ReleasedLaunches released_launches(const std::string& audit, std::chrono::seconds age) {
  const std::time_t since = std::time(nullptr) - age.count();
  ReleasedLaunches released;
  for (const std::string& file : files_of(audit, since)) {
    try {
      add_released(file, since, released);
    } catch (const core::Error& error) {
      released.unreadable.push_back(file + ": " + error.what());
    }
  }
  return released;
}

}  // namespace oskbc::broker
