// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace oskbc::broker {

struct AuditRecord;

// What a request waits for. A launch's cost is the sum of them.
enum class Step {
  chain,        // the platform's certificates
  session,      // keys and session for a launch
  state_open,   // the launch into the database
  state_find,   // and out of it
  measurement,  // compared with each digest that the keyset allows
  seal,         // the secret's encryption
  state_claim,  // the launch is used, on the database's disk
  audit,        // the decision's line
};

// The figures that Prometheus fetches. prometheus-cpp is known to metrics.cpp alone. Thread-safe.
class Metrics {
 public:
  explicit Metrics(const std::string& version);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  // What the audit has of a decision.
  void decided(const AuditRecord& record);
  // A decision that could not be recorded, and was not carried out.
  void not_recorded(const AuditRecord& record);
  void took(Step step, std::chrono::duration<double> time);
  void state_answered(std::size_t open_launches, std::chrono::duration<double> time);
  void state_failed(std::chrono::duration<double> time);
  // What the gate has counted since the start.
  void saw_connections(std::uint64_t open, std::uint64_t accepted,
                       const std::map<std::string, std::uint64_t>& closed_by_reason);
  // The first time is the start.
  void read_files(bool all_well, std::size_t keysets, std::size_t refused_keysets);

  // Answers GET /metrics at IP:PORT or [IPv6]:PORT, and returns the port, which the system chooses
  // for 0. Throws Status::io.
  int serve(const std::string& address);
  // What such a request gets.
  [[nodiscard]] std::string text() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

// How long a step took, from here to the end of the scope; for nobody where there are no metrics.
class StepTimer {
 public:
  StepTimer(Metrics* metrics, Step step) : metrics_(metrics), step_(step) {}
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;
  ~StepTimer() {
    if (metrics_ != nullptr) metrics_->took(step_, std::chrono::steady_clock::now() - start_);
  }

 private:
  Metrics* metrics_;
  Step step_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Runs a step, and gives what it gives.
template <typename Work>
auto timed(Metrics* metrics, Step step, Work work) {
  const StepTimer timer(metrics, step);
  return work();
}

}  // namespace oskbc::broker
