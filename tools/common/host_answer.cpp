// SPDX-License-Identifier: Apache-2.0
#include "common/host_answer.h"

#include <algorithm>

#include "base/status.h"
#include "format/json_reader.h"

namespace oskbc::tools {
namespace {

using core::JsonReader;

constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

class MonitorReader {
 public:
  MonitorReader(std::string_view text, const char* name)
      : text_(text), reader_(text, core::Status::argument, name) {}

  HostAnswer read() {
    while (reader_.peek() == '{') read_object(/*is_outer=*/true);
    reader_.finish();
    return std::move(answer_);
  }

 private:
  void read_object(bool is_outer) {
    for (bool more = reader_.enter_object(); more; more = reader_.next_member()) {
      const std::string name = to_string(reader_.name());
      if (is_outer && name == "return" && reader_.peek() == '{') {
        read_object(/*is_outer=*/false);
      } else {
        read_value(name);
      }
    }
  }

  void read_value(const std::string& name) {
    const char first = reader_.peek();
    if (first == '"') {
      answer_[name] = to_string(reader_.string());
      return;
    }
    const std::size_t start = reader_.position();
    reader_.skip_value();
    if (first == '{' || first == '[') return;
    answer_[name] = std::string(text_.substr(start, reader_.position() - start));
  }

  std::string_view text_;
  JsonReader reader_;
  HostAnswer answer_;
};

// virsh's "sev-measurement : ..." a line.
std::optional<HostAnswer> read_table(std::string_view text) {
  HostAnswer answer;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t colon = line.find(':');
    if (trimmed(line).empty()) continue;
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view name = trimmed(line.substr(0, colon));
    if (name.starts_with("sev-")) name.remove_prefix(4);
    answer[std::string(name)] = trimmed(line.substr(colon + 1));
  }
  return answer;
}

}  // namespace

std::optional<HostAnswer> read_host_answer(std::string_view text, const char* name) {
  if (trimmed(text).empty()) return std::nullopt;
  if (trimmed(text).front() == '{') return MonitorReader(text, name).read();
  return read_table(text);
}

}  // namespace oskbc::tools
