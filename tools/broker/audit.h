// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "broker/audit_file.h"
#include "broker/audit_record.h"
#include "broker/batches.h"
#include "broker/refusal_sums.h"

namespace oskbc::broker {

// One line of JSON a decision, in a file or on standard error. Of clients that are refused again
// and again, most refusals are counted, and one line a minute has their sum. Thread-safe.
class Audit {
 public:
  // "" is standard error. Throws Status::io.
  explicit Audit(std::string file, const RefusalSums::Limits& limits = {});
  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;
  // Writes what was counted until now.
  ~Audit();

  // A line is written whole, and is on the disk when this returns, except of a refusal. Throws
  // Status::io, and says so on standard error.
  void write(const AuditRecord& record);
  void write(const FilesRecord& record);
  // Opens the file anew, once somebody has moved the old one away. Throws Status::io.
  void reopen();

 private:
  struct Line {
    std::string text;
    bool durable;
  };
  void append(const std::vector<Line*>& lines);
  void record_torn_line();
  [[nodiscard]] bool is_counted(const AuditRecord& record);
  void write_sums();
  void write_all(const std::vector<AuditRecord>& records) noexcept;

  AuditFile file_;
  Batches<Line> batches_;
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  RefusalSums sums_;
  bool stopping_ = false;
  std::thread writer_;  // of sums, once there are some
};

}  // namespace oskbc::broker
