// SPDX-License-Identifier: Apache-2.0
#include "broker/audit.h"

#include <cstdio>
#include <ctime>
#include <utility>

#include "base/error.h"
#include "base/status.h"
#include "common/json.h"

namespace oskbc::broker {
namespace {

using tools::Json;

// Clients choose the keyset's id, up to the size of a message.
constexpr std::size_t kLongestText = 256;

// As long as a disk may take that does not fail.
constexpr std::chrono::seconds kAuditPatience{4};

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

void put(Json& line, const char* name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  Json all = Json::array();
  for (const std::string& text : texts) all.append(text.substr(0, kLongestText));
  line.set(name, all);
}

Json start_of(const std::string& event, const std::string& decision) {
  return Json::object({{"time", now()}, {"event", event}, {"decision", decision}});
}

std::string line_of(const AuditRecord& record) {
  Json line = start_of(record.event, record.decision);
  if (record.count) line.set("count", *record.count);
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
  put(line, "key_ids", record.key_ids);
  if (record.measurement_skipped) line.set("measurement_skipped", true);
  if (record.chain_skipped) line.set("chain_skipped", true);
  return line.line() + "\n";
}

std::string line_of(const FilesRecord& record) {
  Json line = start_of(record.event, record.decision);
  put(line, "problems", record.problems);
  put(line, "version", record.version);
  put(line, "keys_sha256", record.keys_sha256);
  put(line, "keysets_sha256", record.keysets_sha256);
  line.set("keysets", record.keysets);
  put(line, "refused_keysets", record.refused_keysets);
  return line.line() + "\n";
}

bool is_refusal(const AuditRecord& record) { return record.decision == "refused"; }

RefusalSums::Time clock_now() { return std::chrono::steady_clock::now(); }

}  // namespace

Audit::Audit(std::string file, const RefusalSums::Limits& limits)
    : file_(std::move(file)),
      batches_([this](const std::vector<Line*>& lines) { append(lines); }, kAuditPatience),
      sums_(limits) {
  record_torn_line();
}

Audit::~Audit() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (writer_.joinable()) writer_.join();
  write_all(sums_.take());
}

// Whoever reads the audit has to know that something is missing, and finds what there is of it.
void Audit::record_torn_line() {
  AuditRecord record;
  record.event = "audit";
  record.decision = "torn";
  record.reason = file_.taken_off();
  if (!record.reason.empty()) file_.append(line_of(record), true);
}

void Audit::append(const std::vector<Line*>& lines) try {
  std::string text;
  bool durable = false;
  for (const Line* line : lines) {
    text += line->text;
    durable |= line->durable;
  }
  file_.append(text, durable);
} catch (const core::Error& error) {
  // Where else would its owner look?
  std::fprintf(stderr, "sev-guest-owner: %s\n", error.what());
  throw;
}

void Audit::write(const AuditRecord& record) {
  if (is_refusal(record) && is_counted(record)) return;
  batches_.run({line_of(record), !is_refusal(record)});
}

void Audit::write(const FilesRecord& record) { batches_.run({line_of(record), true}); }

void Audit::reopen() {
  file_.reopen();
  record_torn_line();
}

bool Audit::is_counted(const AuditRecord& record) {
  const std::lock_guard lock(mutex_);
  if (sums_.has_line(record, clock_now())) return false;
  if (!writer_.joinable()) writer_ = std::thread([this] { write_sums(); });
  changed_.notify_one();
  return true;
}

void Audit::write_sums() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (sums_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, sums_.end());
    }
    if (!sums_.is_due(clock_now())) continue;
    const std::vector<AuditRecord> records = sums_.take();
    lock.unlock();
    write_all(records);
    lock.lock();
  }
}

// Not for a client that waits: if it fails, standard error has said so.
void Audit::write_all(const std::vector<AuditRecord>& records) noexcept {
  for (const AuditRecord& record : records) {
    try {
      batches_.run({line_of(record), false});
    } catch (const std::exception&) {
      return;
    }
  }
}

}  // namespace oskbc::broker
