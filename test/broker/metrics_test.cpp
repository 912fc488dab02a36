// SPDX-License-Identifier: Apache-2.0
#include "broker/metrics.h"

#include <string>
#include <thread>
#include <vector>

#include "base/status.h"
#include "broker/audit.h"
#include "support/catch.h"
#include "unit/failure.h"

namespace oskbc::metrics_test {

using broker::Metrics;
using broker::Step;

namespace {

broker::AuditRecord record(const char* event, const char* decision, const char* answer = "") {
  broker::AuditRecord made;
  made.event = event;
  made.decision = decision;
  made.answer = answer;
  return made;
}

bool has(const Metrics& metrics, const std::string& line) {
  return ("\n" + metrics.text()).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("decisions are counted, refusals by what the client was told") {
  Metrics metrics("1.2.3");
  CHECK(has(metrics, "oskbc_build_info{version=\"1.2.3\"} 1"));
  CHECK(has(metrics, "oskbc_launches_total{event=\"released\"} 0"));
  metrics.decided(record("bundle", "opened"));
  metrics.decided(record("secret", "released"));
  for (int i = 0; i < 3; ++i) metrics.decided(record("secret", "refused", "KEYSET INVALID"));
  metrics.not_recorded(record("secret", "released"));
  CHECK(has(metrics, "oskbc_launches_total{event=\"opened\"} 1"));
  CHECK(has(metrics, "oskbc_launches_total{event=\"released\"} 1"));
  CHECK(has(metrics, "oskbc_refused_total{reason=\"KEYSET INVALID\",request=\"secret\"} 3"));
  CHECK(has(metrics, "oskbc_refused_total{reason=\"AUDIT UNAVAILABLE\",request=\"secret\"} 1"));
}

TEST_CASE("each step has its times") {
  Metrics metrics("1");
  metrics.took(Step::chain, std::chrono::milliseconds(2));
  metrics.took(Step::audit, std::chrono::seconds(7));
  { const broker::StepTimer timer(&metrics, Step::seal); }
  { const broker::StepTimer nobody(nullptr, Step::seal); }
  CHECK(broker::timed(&metrics, Step::seal, [] { return 5; }) == 5);
  CHECK(has(metrics, "oskbc_step_seconds_bucket{step=\"chain\",le=\"0.001\"} 0"));
  CHECK(has(metrics, "oskbc_step_seconds_bucket{step=\"chain\",le=\"0.0025\"} 1"));
  CHECK(has(metrics, "oskbc_step_seconds_bucket{step=\"audit\",le=\"5\"} 0"));
  CHECK(has(metrics, "oskbc_step_seconds_count{step=\"audit\"} 1"));
  CHECK(has(metrics, "oskbc_step_seconds_count{step=\"seal\"} 2"));
}

TEST_CASE("the state and the files have figures of their own") {
  Metrics metrics("1");
  metrics.state_answered(7, std::chrono::milliseconds(1));
  CHECK(has(metrics, "oskbc_state_up 1"));
  CHECK(has(metrics, "oskbc_launches_open 7"));
  metrics.state_failed(std::chrono::seconds(5));
  CHECK(has(metrics, "oskbc_state_up 0"));
  CHECK(has(metrics, "oskbc_state_seconds_count 2"));
  metrics.read_files(true, 5, 0);
  metrics.read_files(false, 3, 2);
  CHECK(has(metrics, "oskbc_files_well 0"));
  CHECK(has(metrics, "oskbc_reloads_total{outcome=\"well\"} 1"));
  CHECK(has(metrics, "oskbc_reloads_total{outcome=\"failed\"} 1"));
  CHECK(has(metrics, "oskbc_keysets{state=\"refused\"} 2"));
}

TEST_CASE("what the gate has counted is not counted twice") {
  Metrics metrics("1");
  CHECK(has(metrics, "oskbc_connections_total 0"));
  metrics.saw_connections(3, 10, {{"it made room for a new one", 2}});
  metrics.saw_connections(1, 12, {{"it made room for a new one", 5}});
  CHECK(has(metrics, "oskbc_connections_open 1"));
  CHECK(has(metrics, "oskbc_connections_total 12"));
  CHECK(has(metrics, "oskbc_connections_closed_total{reason=\"it made room for a new one\"} 5"));
}

TEST_CASE("many threads count at once") {
  Metrics metrics("1");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) metrics.decided(record("secret", "refused", "POLICY INVALID"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(has(metrics, "oskbc_refused_total{reason=\"POLICY INVALID\",request=\"secret\"} 4000"));
}

TEST_CASE("an address that is taken is said") {
  Metrics metrics("1");
  const int port = metrics.serve("127.0.0.1:0");
  CHECK(port > 0);
  Metrics other("1");
  CHECK(test::status_of([&] { other.serve("127.0.0.1:" + std::to_string(port)); }) ==
        core::Status::io);
}

}  // namespace oskbc::metrics_test
