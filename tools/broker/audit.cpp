// SPDX-License-Identifier: Apache-2.0
#include "broker/audit.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/io.h"
#include "common/json.h"

namespace oskbc::broker {
namespace {

using tools::Json;

// Clients choose the keyset's id, up to the size of a message.
constexpr std::size_t kLongestText = 256;

std::string now() {
  std::timespec time{};
  std::timespec_get(&time, TIME_UTC);
  std::tm parts{};
  ::gmtime_r(&time.tv_sec, &parts);
  char text[32];
  char whole[48];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(whole, sizeof whole, "%s.%03ldZ", text, time.tv_nsec / 1000000);
  return whole;
}

void put(Json& line, const char* name, const std::string& text) {
  if (!text.empty()) line.set(name, text.substr(0, kLongestText));
}

std::string line_of(const AuditRecord& record) {
  Json line =
      Json::object({{"time", now()}, {"event", record.event}, {"decision", record.decision}});
  put(line, "reason", record.reason);
  put(line, "answer", record.answer);
  put(line, "client", record.client);
  put(line, "client_name", record.client_name);
  if (record.connection) line.set("connection", *record.connection);
  if (record.keyset) line.set("keyset", record.keyset->substr(0, kLongestText));
  put(line, "secrets", record.secrets);
  put(line, "description", record.description);
  if (record.policy) line.set("policy", *record.policy);
  put(line, "platform", record.platform);
  put(line, "firmware", record.firmware);
  put(line, "measurement", record.measurement);
  put(line, "digest", record.digest);
  if (record.keys) line.set("keys", *record.keys);
  if (record.measurement_skipped) line.set("measurement_skipped", true);
  if (record.chain_skipped) line.set("chain_skipped", true);
  return line.line() + "\n";
}

core::UniqueFd open_for_lines(const std::string& file) {
  if (file.empty()) return core::UniqueFd(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0));
  const std::string path = tools::absolute_path(file);
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
  core::UniqueFd fd(::open(path.c_str(), kFlags, S_IRUSR | S_IWUSR | S_IRGRP));
  if (fd.get() >= 0) return fd;
  const int error = errno;
  core::fail(core::Status::io, "opening %s failed: %s (errno %d)", path.c_str(),
             std::strerror(error), error);
}

void write_all(int fd, const std::string& line) {
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t count = ::write(fd, line.data() + done, line.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      core::fail(core::Status::io, "writing the audit failed: %s (errno %d)", std::strerror(error),
                 error);
    }
    done += static_cast<std::size_t>(count);
  }
}

}  // namespace

Audit::Audit(std::string file) : file_(std::move(file)), fd_(open_for_lines(file_)) {}

void Audit::write(const AuditRecord& record) try {
  const std::string line = line_of(record);
  const std::lock_guard lock(mutex_);
  write_all(fd_.get(), line);
} catch (const core::Error& error) {
  // Where else would its owner look?
  std::fprintf(stderr, "sev-guest-owner: %s\n", error.what());
  throw;
}

void Audit::reopen() {
  core::UniqueFd fd = open_for_lines(file_);
  const std::lock_guard lock(mutex_);
  fd_ = std::move(fd);
}

}  // namespace oskbc::broker
