// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <string>

#include "base/unique_fd.h"

namespace oskbc::broker {

// Where the audit's lines go: a file, or standard error. Thread-safe. What fails is Status::io.
class AuditFile {
 public:
  // "" is standard error. A torn line at the file's end, as a power cut leaves one, is taken off.
  explicit AuditFile(std::string file);

  // All of the lines, or none: what a full disk took of them is taken back, or, where that cannot
  // be, ended before the next line. With `durable`, they are on the disk when this returns, if a
  // disk is where they go.
  void append(const std::string& lines, bool durable);
  // Opens the file anew, once somebody has moved the old one away.
  void reopen();

  // The torn line that was taken off when the file was opened, "" if there was none; once.
  [[nodiscard]] std::string taken_off();

 private:
  struct Target {
    core::UniqueFd fd;
    bool is_file = false;
    std::string torn;
  };
  [[nodiscard]] static Target open(const std::string& file);
  void write_all(const std::string& text);
  void take_back(std::size_t count) noexcept;

  const std::string file_;
  std::mutex mutex_;
  Target target_;
  bool torn_ = false;
};

}  // namespace oskbc::broker
