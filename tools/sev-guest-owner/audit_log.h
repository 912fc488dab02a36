// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.h"

// The audit that `serve` writes, as a file or as a journal has it.
namespace oskbc::tools {

struct LogRecord {
  std::string line;  // as it was written
  Json json;

  // "" for a member that is not there.
  [[nodiscard]] std::string text(std::string_view member) const;
};

// Which records are asked for: those that fulfil each condition that is given.
struct LogFilter {
  std::string since;  // times as the audit has them, or their beginnings
  std::string until;
  std::vector<std::string> keysets;
  std::vector<std::string> platforms;  // the first digits of their SHA-256
  std::vector<std::string> clients;    // shell patterns of names or addresses
  std::vector<std::string> decisions;

  [[nodiscard]] bool admits(const LogRecord& record) const;
};

// Reads records from a file, or from standard input for "-", each once its line is whole: the size
// of the file has no bound. Other lines that a broker writes to standard error are passed over;
// those that were torn, by a disk that was full, are told, and the record that stands behind one on
// its line is found. Throws Status::io.
class LogReader {
 public:
  using Take = std::function<void(const LogRecord&)>;
  using TellTorn = std::function<void(std::size_t line)>;

  LogReader(Take take, TellTorn tell_torn)
      : take_(std::move(take)), tell_torn_(std::move(tell_torn)) {}

  void read(const std::string& file);

 private:
  void add(std::string_view text);
  void end_line();

  Take take_;
  TellTorn tell_torn_;
  std::string line_;
  std::size_t number_ = 0;
  bool too_long_ = false;
};

// A point in time as the audit writes it, from its beginning ("2026-11-26", "2026-11-26T03:10"), or
// from how long ago it was ("30m", "12h", "7d"). Throws UsageError, which names the option.
[[nodiscard]] std::string parse_log_time(const std::string& text, const std::string& option);

}  // namespace oskbc::tools
